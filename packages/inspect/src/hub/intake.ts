import { type InspectionMessage, unpackMessages } from "../packed-messages.ts";
import type { InspectionBatch } from "../protocol.ts";

/** What came from one source. Nothing was lost if `lost` is 0 and, at the end, `ended` is true. */
export interface SourceReport {
  readonly source: string;
  /** Messages. */
  readonly received: number;
  /** Messages that the source made and that never came: dropped there, or lost on the way. */
  readonly lost: number;
  /** Batches that came a second time, and were left out. */
  readonly repeatedBatches: number;
  /** Whether the source has closed, and all up to its last message is accounted for. */
  readonly ended: boolean;
}

/** More batches than this are not held back for one that is missing. */
const MAX_HELD = 8;

/** Puts the batches of one source in order and keeps account of its messages. */
export class Intake {
  private readonly source: string;
  private readonly held = new Map<number, InspectionBatch>();
  private nextBatch = 1;
  private nextMessage = 0;
  private received = 0;
  private lost = 0;
  private repeatedBatches = 0;
  private ended = false;

  constructor(source: string) {
    this.source = source;
  }

  /**
   * Takes a batch.
   * @returns the messages that are next now, and whether a batch was given up as lost.
   */
  take(batch: InspectionBatch): { messages: InspectionMessage[]; missed: boolean } {
    if (batch.batch < this.nextBatch || this.held.has(batch.batch)) {
      this.repeatedBatches++;
      return { messages: [], missed: false };
    }
    this.held.set(batch.batch, batch);
    return this.release(this.held.size > MAX_HELD);
  }

  /** Gives up waiting for what is missing. */
  giveUp(): InspectionMessage[] {
    const messages: InspectionMessage[] = [];
    while (this.held.size > 0) messages.push(...this.release(true).messages);
    return messages;
  }

  report(): SourceReport {
    const { source, received, lost, repeatedBatches, ended } = this;
    return { source, received, lost, repeatedBatches, ended };
  }

  private release(skip: boolean): { messages: InspectionMessage[]; missed: boolean } {
    const missed = skip && !this.held.has(this.nextBatch);
    if (missed) this.nextBatch = Math.min(...this.held.keys());
    const messages: InspectionMessage[] = [];
    for (let batch = this.held.get(this.nextBatch); batch !== undefined; batch = this.held.get(this.nextBatch)) {
      this.held.delete(this.nextBatch++);
      const unpacked = unpackMessages(batch.messages);
      this.lost += batch.first - this.nextMessage;
      this.received += unpacked.length;
      this.nextMessage = batch.first + unpacked.length;
      this.ended = batch.last === true;
      for (const message of unpacked) messages.push(message);
    }
    return { messages, missed };
  }
}
