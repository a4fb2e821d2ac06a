import {
  createInspectionHub,
  createInspectionSource,
  createRecordingSink,
  type InspectionBatch,
  type InspectionHub,
  type InspectionSource,
  type InspectionSourceOptions,
  type RecordingSink,
} from "@memhp/inspect";
import { type Actor, createActor } from "xstate";
import { lamp } from "./machines.ts";

export interface Bridge {
  readonly source: InspectionSource;
  readonly hub: InspectionHub;
  readonly recorded: RecordingSink;
  /** Sends and delivers all that has happened. */
  readonly settle: () => void;
}

/** Does nothing by itself, so that a test says when something is sent. */
export const never = (): void => {};

/** One source and one hub in one thread, with a clock that counts. */
export function bridge(options: Partial<InspectionSourceOptions> = {}): Bridge {
  const hub = createInspectionHub({ schedule: never });
  const recorded = createRecordingSink();
  hub.addSink(recorded);
  const source = createInspectionSource({
    workerId: "w1",
    now: counter(),
    schedule: never,
    send: (batch) => hub.receive(batch),
    ...options,
  });
  hub.connect(options.workerId ?? "w1", (message) => source.control(message));
  return {
    source,
    hub,
    recorded,
    settle() {
      source.flush();
      hub.flush();
    },
  };
}

export function counter(): () => number {
  let now = 0;
  return () => now++;
}

export function startLamp(source: InspectionSource, number: number, street = 1): Actor<typeof lamp> {
  return createActor(lamp, { id: `lamp-${number}`, input: { number, street }, inspect: source.inspect }).start();
}

/** One line per message: actor, kind and what it says. */
export function lines(recorded: RecordingSink): string[] {
  return recorded.events().map((event) => {
    if (event.type === "@xstate.actor") return `${event.sessionId} is ${event.name}`;
    if (event.type === "@xstate.event")
      return `${event.sessionId} hears ${event.event.type}${event.sourceId === undefined ? "" : ` from ${event.sourceId}`}`;
    const { value, context, status } = event.snapshot as unknown as {
      value?: unknown;
      context: unknown;
      status: string;
    };
    const said = JSON.stringify(value ?? context);
    return `${event.sessionId} at ${said}${status === "active" ? "" : ` ${status}`}`;
  });
}

export function messageCount({ messages }: InspectionBatch): number {
  return messages.kinds.length;
}
