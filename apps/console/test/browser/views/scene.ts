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

/** Views of one page, one after another. */
export interface Scene {
  readonly name: string;
  /** What is asked for, below the page's folder. */
  readonly at: string;
  /** A tour that somebody without a pointer can take: so it is taken from day to day. */
  readonly goesByKeyboard?: true;
  /** Problems that the scene itself makes. */
  readonly tolerates?: RegExp;
  readonly before?: (context: BrowserContext) => Promise<unknown>;
  readonly views: readonly View[];
}
