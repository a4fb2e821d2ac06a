import type { Session } from "../session/session.ts";
import type { Checkpoint } from "./history.ts";
import { keep, type Kept } from "./kept.ts";
import { loadImages } from "./parts.ts";

/** Nothing is kept while the person goes on doing things. */
const KEEP_MS = 300;

/** What is kept beside the machine itself. */
export type KeptBesides = Pick<Kept, "form" | "document" | "report">;

/** Writes a machine down as it is: to go back to it, and for the browser to keep. */
export class Keeper {
  /** A machine that nobody comes back to is not kept. */
  isOff = false;
  readonly #session: () => Session;
  readonly #besides: () => KeptBesides;
  #now: Checkpoint | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: () => Session, besides: () => KeptBesides) {
    this.#session = session;
    this.#besides = besides;
  }

  /** The machine is not as it was written down. */
  changed(): void {
    this.#now = undefined;
  }

  /** The machine as it is now, written down once; undefined while something is under way in it. */
  async checkpoint(): Promise<Checkpoint | undefined> {
    if (this.#now === undefined) {
      const { checkpoint } = await loadImages();
      this.#now = await checkpoint(this.#session());
    }
    return this.#now;
  }

  /** The machine is written down as it is now. */
  get isDone(): boolean {
    return this.#now !== undefined;
  }

  keepSoon(ms = KEEP_MS): void {
    this.wait();
    if (!this.isOff) this.#timer = setTimeout(() => void this.#keep(), ms);
  }
  /** Nothing is kept until it is asked for again. */
  wait(): void {
    clearTimeout(this.#timer);
  }

  async #keep(): Promise<void> {
    // What cannot be kept now is kept after the next command.
    const now = await this.checkpoint().catch(() => undefined);
    if (now === undefined) return;
    const { origin, did } = this.#session();
    await keep({ checkpoint: now, origin, steps: did, ...this.#besides() });
  }
}
