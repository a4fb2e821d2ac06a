import { knownOptions } from "@memhp/abi";
import type { AnyActorRef } from "xstate";
import { createInspectionHub, type InspectionHub, type InspectionHubOptions } from "./hub/hub.ts";
import { inspectorSink, type InspectionSink, type StatelyInspector } from "./hub/sinks.ts";
import { type InspectionPort, listen } from "./port.ts";
import type { InspectionControl } from "./protocol.ts";
import type { ActorChoice } from "./source/actor-choice.ts";
import { createInspectionSource, type InspectionSource, type InspectionSourceOptions } from "./source/source.ts";

/** Who watches, which actors, and how many of them one by one. */
export interface AttachOptions
  extends
    InspectionHubOptions,
    Pick<InspectionSourceOptions, "groupBy" | "describe" | "now" | "sanitizeContext" | "sanitizeEvent"> {
  /** Who watches: an inspector of @statelyai/inspect, or sinks. More can be added later. */
  readonly to?: StatelyInspector | InspectionSink | readonly (StatelyInspector | InspectionSink)[];
  /** Ends of ports whose other ends are served in workers by `serveInspection`. */
  readonly ports?: Iterable<InspectionPort>;
  /** Actors of this thread that run already. */
  readonly actors?: Iterable<AnyActorRef>;
  /** Who is looked at one by one, in all threads; otherwise, workers keep their own choice, and all of this thread are. */
  readonly choose?: ActorChoice;
  /** How many at most, in all threads together; the others are counted by group. 50 unless told otherwise. */
  readonly limit?: number;
}

/** A hub, with the actors of this thread. */
export interface Inspection extends InspectionHub {
  /** The actors of this thread: `createActor(machine, { inspect: inspection.local.inspect })`. */
  readonly local: InspectionSource;
}

const OPTIONS: Readonly<Record<keyof AttachOptions, true>> = {
  to: true,
  ports: true,
  actors: true,
  choose: true,
  limit: true,
  schedule: true,
  onSinkError: true,
  groupBy: true,
  describe: true,
  now: true,
  sanitizeContext: true,
  sanitizeEvent: true,
};

/** Joins actors of this thread and of workers to who watches them. */
export function attachInspector(options: AttachOptions): Inspection {
  knownOptions("attachInspector: options", options, OPTIONS);
  const { to = [], ports = [], actors = [], choose, limit = 50, schedule, onSinkError, ...ofActors } = options;
  const hub = createInspectionHub({
    limit,
    ...(schedule === undefined ? {} : { schedule }),
    ...(onSinkError === undefined ? {} : { onSinkError }),
  });
  for (const watcher of [to].flat()) hub.addSink("adapter" in watcher ? inspectorSink(watcher) : watcher);

  const local = createInspectionSource({
    ...ofActors,
    workerId: "main",
    send: (batch) => hub.receive(batch),
    limit,
    ...(choose === undefined ? {} : { choose }),
  });
  hub.connect("main", (message) => local.control(message));
  for (const actor of actors) local.attach(actor);

  const opened = [...ports];
  for (const port of opened) {
    const control = (message: InspectionControl): void => port.postMessage(message);
    let source: string | undefined;
    if (choose !== undefined) control({ type: "choose", choice: choose });
    listen(port, (batch) => {
      if (source === undefined) hub.connect((source = batch.source), control);
      hub.receive(batch);
    });
  }

  return {
    ...hub,
    local,
    close() {
      local.close();
      hub.close();
      for (const port of opened) port.close?.();
    },
  };
}
