import { packMessages, type RawMessage } from "../packed-messages.ts";
import type { InspectionBatch } from "../protocol.ts";

export interface OutboxOptions {
  readonly source: string;
  /**
   * Takes a batch away. Never waited for; `false`, an exception or a rejected promise mean that it was not taken.
   * What was refused at once goes with the next batch.
   */
  readonly send: (batch: InspectionBatch) => unknown;
  /** A batch is sent as soon as it has this many messages. */
  readonly batchSize: number;
  /** More messages than this do not wait to be sent. */
  readonly maxQueued: number;
  /** More batches than this are not under way; they count as under way until `received`. */
  readonly maxUnderway: number;
  /** Runs a function some time later. */
  readonly schedule: (run: () => void) => void;
  /** Called before a scheduled or demanded sending: the last chance to add something. */
  readonly beforeSending: () => void;
  /** The present state as messages, which takes the place of what was lost. */
  readonly picture: () => readonly RawMessage[];
  readonly wanted: () => number;
}

/** Collects messages and sends them in numbered batches. It never waits, and knows what it had to drop. */
export interface Outbox {
  push(message: RawMessage): void;
  /** Asks for a sending soon, although there may be no message yet. */
  wake(): void;
  /** Sends what there is, if it may. `last` says that nothing will follow. */
  flush(last?: boolean): void;
  received(batch: number): void;
  /** Sends the present state anew. */
  repeat(): void;
  /** Messages that were made but never sent. */
  readonly dropped: number;
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { source, send, batchSize, maxQueued, maxUnderway, schedule, beforeSending, picture, wanted } = options;
  let queue: RawMessage[] = [];
  let next = 0;
  let sent = 0;
  let acknowledged = 0;
  let dropped = 0;
  let stale = false;
  let scheduled = false;
  let refused = false;
  let sending = false;
  let again = false;

  function drop(): void {
    dropped += queue.length;
    next += queue.length;
    queue = [];
  }

  function push(message: RawMessage): void {
    if (queue.length >= maxQueued) {
      drop();
      stale = true;
    }
    queue.push(message);
    // After a refusal it is not asked again for every message.
    if (queue.length >= batchSize && !refused) sendAll(false);
    else wake();
  }

  function wake(): void {
    if (scheduled) return;
    scheduled = true;
    schedule(() => {
      scheduled = false;
      flush(false);
    });
  }

  function flush(last: boolean): void {
    const before = scheduled;
    scheduled = true; // What is added now goes out now.
    beforeSending();
    scheduled = before;
    refused = false;
    sendAll(last);
  }

  function sendAll(last: boolean): void {
    // A hub in the same thread answers, and so may ask for more, before `send` returns.
    if (sending) {
      again = true;
      return;
    }
    if (sent - acknowledged >= maxUnderway && !last) return;
    if (stale) {
      drop();
      queue.push(...picture());
      stale = false;
    }
    if (queue.length === 0 && !last) return;
    const messages = queue;
    const batch = sent + 1;
    queue = [];
    sending = true;
    again = false;
    const wasTaken = taken({
      source,
      batch,
      first: next,
      messages: packMessages(messages),
      wanted: wanted(),
      ...(last ? { last: true } : {}),
    });
    sending = false;
    refused = !wasTaken;
    if (refused) {
      queue = [...messages, ...queue];
      return;
    }
    sent = batch;
    next += messages.length;
    if (again) sendAll(false);
  }

  function taken(batch: InspectionBatch): boolean {
    try {
      const answer = send(batch);
      if (answer instanceof Promise) answer.catch(repeat);
      return answer !== false;
    } catch {
      return false;
    }
  }

  function repeat(): void {
    sendAll(false);
    if (queue.length === 0) queue.push(...picture());
    else stale = true;
    wake();
  }

  return {
    push,
    wake,
    flush: (last = false) => flush(last),
    received(batch) {
      acknowledged = Math.max(acknowledged, batch);
      if (queue.length > 0 || stale) wake();
    },
    repeat,
    get dropped() {
      return dropped;
    },
  };
}
