import type { Refusal } from "@memhp/abi";
import { groupRefusals, type RefusalGroup } from "../words/refusal-words.ts";

/** What became of something that the person did. */
export interface Answer {
  readonly tone: "done" | "partly" | "refused" | "error";
  /** What was done, as a shell or QEMU command. */
  readonly command: string;
  /** The outcome in one sentence. */
  readonly text: string;
  readonly refusals: readonly RefusalGroup[];
  /** What ran in the background and ended meanwhile. */
  readonly ended?: readonly Answer[];
  /** What is wrong with what was asked for: the operation, and its operand `retry.times` where it is one. */
  readonly problem?: { readonly op: string; readonly operand: string | undefined };
  /** All that was answered, where the text is short. */
  readonly details?: string | undefined;
  /** A file that the person asked for. */
  readonly file?: { readonly name: string; readonly bytes: Uint8Array };
  /** How many things done by hand the machine has behind it. */
  readonly done?: number;
}

export function answer(tone: Answer["tone"], command: string, text: string, refusals: readonly Refusal[] = []): Answer {
  return { tone, command, text, refusals: groupRefusals(refusals) };
}

/** Something went wrong that is no answer of the kernel: a bad form, an unreadable file, a lost worker. */
export function errorAnswer(command: string, error: unknown): Answer {
  return answer("error", command, error instanceof Error ? error.message : String(error));
}
