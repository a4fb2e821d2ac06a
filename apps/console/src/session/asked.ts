import type { StepRequest } from "@memhp/scenario";
import type { StateWord } from "./state-words.ts";

/** Steps to carry out one after another. */
export interface AskedSteps {
  readonly do: "steps";
  readonly steps: readonly StepRequest[];
  /** Ends at the first that does not go. */
  readonly untilRefused?: boolean;
  /** Who has no `id` gets one that begins so and is free when its turn comes. */
  readonly freshId?: string;
}

/** A word for the `state` of blocks, which are named as a person does: `32-39`, `offline & node:1`. */
export interface AskedWrite {
  readonly do: "write";
  readonly blocks: string;
  readonly word: StateWord;
  /** It goes on beside what is done next, until it ends or somebody signals it. */
  readonly background?: boolean;
}

/** A line of the terminal that does something to the machine. */
export interface AskedLine {
  readonly do: "line";
  readonly line: string;
}

/** Something that a person does to the machine: steps of a scenario, or what becomes steps when its turn comes. */
export type Asked = AskedSteps | AskedWrite | AskedLine;

/** Back or forward to where so many of the things that were done by hand are done. */
export interface GoTo {
  readonly do: "go_to";
  readonly done: number;
}

/** One step, or several. */
export function asked(...steps: readonly StepRequest[]): AskedSteps {
  return { do: "steps", steps };
}
