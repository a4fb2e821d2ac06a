import type { SimEvent } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import type { Tally } from "../tally.ts";
import { countRefusal } from "./access.ts";
import { ApiError } from "./api-error.ts";
import type { ServedMachine, StateBlocks } from "./served-machine.ts";
import { ServedTerminal } from "./terminal.ts";

type EventStream = Parameters<Parameters<Machine["listenToStream"]>[0]>[0];

/** What a viewer is: a WebSocket, or a stand-in of a test. */
export interface Viewer {
  /** Bytes that it has been sent and has not taken yet. */
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Ends it without waiting for what it has not taken. */
  terminate(): void;
}

/** What the feed keeps of a viewer. */
interface Viewing {
  readonly blocks: StateBlocks;
  /** Events that it was not told of since its last snapshot. */
  missed: number;
  /** Of a viewer that is behind: what it has not taken, and since when. */
  waitsFor?: { readonly bytes: number; readonly sinceMs: number };
  /** Once it has typed something. */
  terminal?: ServedTerminal;
}

/** Above this a viewer is behind, and gets no events until it has caught up; then all at once, as a snapshot. */
export const BEHIND_BYTES: number = 4 * 2 ** 20;
const CAUGHT_UP_BYTES = 2 ** 18;
/** More events at a time than anybody reads one by one: the state says more, in less. */
const MAX_EVENTS = 5000;
const TICK_MS = 50;
/** Who takes nothing for so long reads no more. */
const STALL_MS = 30_000;
/** Of RFC 6455. */
const GOING_AWAY = 1001;

/**
 * Tells viewers what happens on one machine. Each begins with a snapshot; one that comes late, or is slow, gets a
 * consistent one instead of what it missed. The machine never waits for anybody.
 */
export class EventFeed {
  readonly #machine: ServedMachine;
  readonly #tally: Tally;
  readonly #stallMs: number;
  readonly #viewers = new Map<Viewer, Viewing>();
  readonly #stop: () => void;
  #streams: EventStream[] = [];
  #waiting = 0;
  /** Number of the next event. */
  #seq = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(machine: ServedMachine, tally: Tally, { stallMs = STALL_MS }: { readonly stallMs?: number } = {}) {
    this.#machine = machine;
    this.#tally = tally;
    this.#stallMs = stallMs;
    this.#stop = machine.machine.listenToStream((stream) => this.#hear(stream));
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** @param blocks how its snapshots tell of them. @returns what takes the viewer away. */
  add(viewer: Viewer, blocks: StateBlocks = "each"): () => void {
    this.#tell();
    this.#viewers.set(viewer, { missed: 0, blocks });
    viewer.send(this.#snapshot(0, blocks));
    return () => this.#remove(viewer);
  }

  /**
   * What a viewer says: `{"type": "step", "id": 1, "step": {…}}`, `{"type": "line", …}`, `{"type": "complete", …}`.
   * @returns the answer, which is for it alone.
   */
  async answer(viewer: Viewer, text: string): Promise<string> {
    let id: unknown = null;
    try {
      const message = parsed(text);
      id = message["id"] ?? null;
      const { type, step, line } = message;
      if (type === "step") return JSON.stringify({ type: "answer", id, step: await this.#machine.perform(step) });
      if (type === "line") return JSON.stringify({ id, ...(await this.#terminalOf(viewer).line(line)) });
      if (type === "complete") return JSON.stringify({ id, ...this.#terminalOf(viewer).complete(line) });
      throw new ApiError(400, `type: ${JSON.stringify(type)} is not known (allowed: step, line, complete)`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      countRefusal(this.#tally, error);
      return JSON.stringify({ type: "error", id, status: error.status, error: error.message });
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#stop();
    for (const viewer of this.#viewers.keys()) {
      this.#remove(viewer);
      viewer.close(GOING_AWAY, "the machine is gone");
    }
  }

  #remove(viewer: Viewer): void {
    this.#viewers.get(viewer)?.terminal?.close();
    this.#viewers.delete(viewer);
  }

  #terminalOf(viewer: Viewer): ServedTerminal {
    const state = this.#viewers.get(viewer);
    if (state === undefined) throw new ApiError(404, "this viewer has gone");
    return (state.terminal ??= new ServedTerminal(this.#machine));
  }

  #hear(stream: EventStream): void {
    if (this.#viewers.size === 0) {
      this.#seq += stream.length;
      return;
    }
    this.#waiting += stream.length;
    // Kept for a tick, unless nobody will read them one by one.
    if (this.#waiting <= MAX_EVENTS) this.#streams.push(stream);
    else this.#streams = [];
    this.#later();
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, TICK_MS);
  }

  #tell(): void {
    const first = this.#seq;
    const count = this.#waiting;
    const streams = this.#streams;
    this.#seq += count;
    this.#waiting = 0;
    this.#streams = [];
    let events: string | undefined;
    let isBehind = false;
    for (const [viewer, state] of this.#viewers) {
      const cannot = viewer.bufferedAmount > (state.missed > 0 ? CAUGHT_UP_BYTES : BEHIND_BYTES);
      if (cannot || state.missed > 0 || count > MAX_EVENTS) {
        state.missed += count;
        if (cannot) {
          if (this.#isStalled(viewer, state)) continue;
          isBehind = true;
        } else if (state.missed > 0) {
          viewer.send(this.#snapshot(state.missed, state.blocks));
          this.#tally.add("missed_events", state.missed);
          state.missed = 0;
          delete state.waitsFor;
        }
        continue;
      }
      if (count === 0) continue;
      events ??= JSON.stringify({
        type: "events",
        seq: first,
        at_ns: this.#machine.machine.nowNs,
        events: listed(streams),
      });
      viewer.send(events);
    }
    if (isBehind) this.#later();
  }

  /** Lets go of a viewer that has taken nothing for too long: what it was sent takes room. */
  #isStalled(viewer: Viewer, state: Viewing): boolean {
    const { bufferedAmount: bytes } = viewer;
    const now = performance.now();
    // Nothing more is sent to who is behind, so any that it takes makes this less.
    if (state.waitsFor === undefined || bytes < state.waitsFor.bytes) state.waitsFor = { bytes, sinceMs: now };
    if (now - state.waitsFor.sinceMs < this.#stallMs) return false;
    this.#tally.add("stalled");
    this.#remove(viewer);
    viewer.terminate();
    return true;
  }

  #snapshot(missed: number, blocks: StateBlocks): string {
    return JSON.stringify({
      type: "snapshot",
      seq: this.#seq,
      missed,
      ...this.#machine.head,
      state: this.#machine.state(blocks),
    });
  }
}

function listed(streams: readonly EventStream[]): SimEvent[] {
  return streams.flatMap((stream) => [...stream]);
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw new ApiError(400, "a message is JSON");
  }
  if (typeof message !== "object" || message === null || Array.isArray(message))
    throw new ApiError(400, "a message is an object with a type");
  return message as Readonly<Record<string, unknown>>;
}
