import { knownOptions } from "@memhp/abi";
import type { InspectionMessage } from "../packed-messages.ts";
import type { InspectionBatch, InspectionControl } from "../protocol.ts";
import type { ActorChoice } from "../source/actor-choice.ts";
import { Intake, type SourceReport } from "./intake.ts";
import { mergeByTime } from "./merge.ts";
import { Picture } from "./picture.ts";
import { sharePlaces } from "./share-places.ts";
import type { InspectionSink } from "./sinks.ts";

/** How many actors a hub shows, and when it hands messages on. */
export interface InspectionHubOptions {
  /** Actors to be looked at in all sources together; divided among those that have a way back. */
  readonly limit?: number;
  /**
   * Runs the next delivery some time later: after 10 ms. What has come until then is put in order of time; a hub that
   * delivers at once would show each source's batches as they come.
   */
  readonly schedule?: (run: () => void) => void;
  /** Hears of a sink that threw, and was removed. */
  readonly onSinkError?: (error: unknown) => void;
}

/** What a hub has done so far, and what was lost. */
export interface InspectionReport {
  readonly sources: readonly SourceReport[];
  /** Messages that never came, of all sources. */
  readonly lost: number;
  /** Messages handed to the sinks that were there. */
  readonly delivered: number;
}

/** The side of the bridge where people watch: several sources become one stream. */
export interface InspectionHub {
  /** Takes a batch of any source. */
  receive(batch: InspectionBatch): void;
  /**
   * The way back to a source. A hub can do without, but then it cannot divide places, choose anew, or ask for what was lost.
   * @throws Error where there is a source of that name already: ids would not be unique.
   */
  connect(source: string, control: (message: InspectionControl) => void): void;
  /** Adds a watcher; it is told first what there is. @returns a function that removes it. */
  addSink(sink: InspectionSink): () => void;
  /** Chooses anew, in all sources with a way back. */
  choose(choice: ActorChoice, limit?: number): void;
  /** Delivers what has come. */
  flush(): void;
  /** All actors, and the states in which they are. */
  picture(): InspectionMessage[];
  report(): InspectionReport;
  /** Delivers the rest, even if something before it is missing, and tells the sources that nobody watches any more. */
  close(): void;
}

interface Source {
  readonly intake: Intake;
  control: ((message: InspectionControl) => void) | undefined;
  queue: InspectionMessage[];
  /** Absent until it has said so. */
  wanted: number | undefined;
  share: number | undefined;
}

const OPTIONS: Readonly<Record<keyof InspectionHubOptions, true>> = { limit: true, schedule: true, onSinkError: true };

/** Brings the messages of many sources into one order for whoever watches. */
export function createInspectionHub(options: InspectionHubOptions = {}): InspectionHub {
  knownOptions("createInspectionHub: options", options, OPTIONS);
  const { schedule = (run) => void setTimeout(run, 10), onSinkError } = options;
  const sources = new Map<string, Source>();
  const sinks = new Set<InspectionSink>();
  const picture = new Picture();
  let { limit } = options;
  let delivered = 0;
  let scheduled = false;
  let closed = false;

  function sourceOf(name: string): Source {
    let source = sources.get(name);
    if (source === undefined) {
      source = { intake: new Intake(name), control: undefined, queue: [], wanted: undefined, share: undefined };
      sources.set(name, source);
    }
    return source;
  }

  function connect(name: string, control: Source["control"]): void {
    // A worker that has closed its source may be started anew.
    if (sources.get(name)?.intake.report().ended === true) {
      flush();
      sources.delete(name);
    }
    const source = sourceOf(name);
    if (source.control !== undefined)
      throw new Error(`two inspection sources are called ${JSON.stringify(name)}; ids would not be unique`);
    source.control = control;
    divide();
  }

  function receive(batch: InspectionBatch): void {
    if (closed) return;
    const source = sourceOf(batch.source);
    const { messages, missed } = source.intake.take(batch);
    for (const message of messages) source.queue.push(message);
    source.control?.({ type: "received", batch: batch.batch });
    if (missed) source.control?.({ type: "repeat" });
    if (batch.wanted !== source.wanted) {
      source.wanted = batch.wanted;
      divide();
    }
    if (source.queue.length > 0) wake();
  }

  function divide(): void {
    if (limit === undefined) return;
    const wishing = [...sources.values()].filter(
      ({ control, wanted }) => control !== undefined && wanted !== undefined,
    );
    const shares = sharePlaces(
      limit,
      wishing.map(({ wanted = 0 }) => wanted),
    );
    for (const [i, source] of wishing.entries()) {
      if (source.share === shares[i]) continue;
      source.share = shares[i] as number;
      source.control?.({ type: "choose", limit: source.share });
    }
  }

  function wake(): void {
    if (scheduled) return;
    scheduled = true;
    schedule(() => {
      scheduled = false;
      flush();
    });
  }

  function flush(): void {
    const queues = [...sources.values()].map((source) => source.queue);
    for (const source of sources.values()) source.queue = [];
    for (const message of mergeByTime(queues)) {
      if (!picture.take(message)) continue;
      delivered++;
      for (const sink of sinks) tell(sink, message);
    }
  }

  function tell(sink: InspectionSink, message: InspectionMessage): void {
    try {
      sink.take(message);
    } catch (error) {
      sinks.delete(sink);
      onSinkError?.(error);
    }
  }

  function addSink(sink: InspectionSink): () => void {
    sinks.add(sink);
    for (const message of picture.messages()) if (sinks.has(sink)) tell(sink, message);
    return () => void sinks.delete(sink);
  }

  return {
    receive,
    connect,
    addSink,
    choose(choice, nextLimit) {
      limit = nextLimit ?? limit;
      for (const source of sources.values()) {
        source.share = undefined;
        source.wanted = undefined;
        source.control?.({ type: "choose", choice, ...(limit === undefined ? {} : { limit }) });
      }
    },
    flush,
    picture: () => picture.messages(),
    report() {
      const reports = [...sources.values()].map(({ intake }) => intake.report());
      return { sources: reports, lost: reports.reduce((sum, { lost }) => sum + lost, 0), delivered };
    },
    close() {
      if (closed) return;
      closed = true;
      for (const { intake, queue, control } of sources.values()) {
        queue.push(...intake.giveUp());
        control?.({ type: "end" });
      }
      flush();
      sinks.clear();
    },
  };
}
