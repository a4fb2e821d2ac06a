import type { PackedMessages } from "./packed-messages.ts";
import type { ActorChoice } from "./source/actor-choice.ts";

/** Many messages of one source at once. Plain data, for any transport. */
export interface InspectionBatch {
  readonly source: string;
  /** Counts the batches of this source, from 1. */
  readonly batch: number;
  /** Counts the messages of this source, from 0: the number of the first one here. A gap is a loss. */
  readonly first: number;
  readonly messages: PackedMessages;
  /** How many actors the source would show if it had places for all that were chosen. */
  readonly wanted: number;
  /** On the last batch: nothing comes after it. */
  readonly last?: true;
}

/** What a hub says to a source. Plain data, too. */
export type InspectionControl =
  /** A batch has arrived. */
  | { readonly type: "received"; readonly batch: number }
  /** Watch these actors from now on; what is absent stays as it was. */
  | { readonly type: "choose"; readonly choice?: ActorChoice; readonly limit?: number }
  /** Something was lost on the way: tell all actors and their states again. */
  | { readonly type: "repeat" }
  /** Nobody watches any more. */
  | { readonly type: "end" };
