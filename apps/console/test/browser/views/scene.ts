import type { BrowserContext } from "playwright-core";
import type { Hands } from "./hands.ts";

/** Something that a person can have before them, and how they get there from the view before. */
export interface View {
  readonly name: string;
  /** Sides of the page that show something of it, by their id. Where it is all in the middle, it is judged without them from day to day. */
  readonly sides?: readonly ("machine" | "block")[];
  /** What only a pointer does, or what is tried with the keyboard elsewhere. */
  readonly by?: "pointer";
  readonly show: (hands: Hands) => Promise<unknown>;
  /** Puts away what would stand over the views that follow. */
  readonly leave?: (hands: Hands) => Promise<unknown>;
}

/** Views that belong together, one after another. */
export interface Scene {
  readonly name: string;
  /** Somebody without a pointer can see it all: so it is shown from day to day. */
  readonly goesByKeyboard?: true;
  readonly views: readonly View[];
}

/** Scenes that follow one another on one page. */
export interface Tour {
  /** What is asked for, below the page's folder. */
  readonly at: string;
  /** Problems that the tour itself makes. */
  readonly tolerates?: RegExp;
  readonly before?: (context: BrowserContext) => Promise<unknown>;
  readonly scenes: readonly Scene[];
}
