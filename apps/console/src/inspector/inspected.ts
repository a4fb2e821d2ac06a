import { type AnyStateMachine, createMachine } from "xstate";
import type { Walked } from "../charts/chart-svg.ts";

// What comes over the socket of `--inspect`: the official inspector's protocol, as @memhp/inspect writes it.

/** A snapshot of an actor. */
interface Told {
  readonly status?: string;
  readonly value?: unknown;
  readonly context?: unknown;
}

/** The parts of an inspection message that the page reads. */
export type InspectionText =
  | {
      readonly type: "@xstate.actor";
      readonly sessionId: string;
      readonly name: string;
      readonly definition?: string;
      readonly snapshot: Told;
    }
  | {
      readonly type: "@xstate.event" | "@xstate.snapshot";
      readonly sessionId: string;
      readonly event: { readonly type: string };
      readonly snapshot?: Told;
    };

/** A move of an actor, under its number among all messages. */
interface Move extends Walked {
  readonly number: number;
  readonly event: string;
}

/** An actor that is shown one by one. */
export interface InspectedOne {
  readonly id: string;
  readonly name: string;
  /** Id of its machine. */
  readonly kind: string;
  /** Path of the innermost state, of parallel ones of the first. */
  state: string;
  status: string;
  context: unknown;
  /** Its last moves, the oldest first. */
  readonly moves: Move[];
}

/** Actors that are only counted, by their outermost state. */
interface Counted {
  readonly name: string;
  counts: Readonly<Record<string, number>>;
}

/** Moves of one actor that are kept. */
const MOST_MOVES = 200;

/** All that was told of the actors of a run. */
export class Inspected {
  readonly ones: Map<string, InspectedOne> = new Map();
  readonly counted: Map<string, Counted> = new Map();
  /** By id of the machine, in the order in which they were first told of. */
  readonly machines: Map<string, AnyStateMachine> = new Map();
  messages = 0;

  take(message: InspectionText): void {
    this.messages += 1;
    if (message.type === "@xstate.actor") this.#meet(message);
    else if (message.type === "@xstate.snapshot") this.#move(message.sessionId, message.event.type, message.snapshot);
  }

  #meet({ sessionId, name, definition, snapshot }: Extract<InspectionText, { type: "@xstate.actor" }>): void {
    const config = readConfig(definition);
    const state = leafOf(snapshot.value);
    if (config === undefined || state === undefined) {
      this.counted.set(sessionId, { name: lastPart(name), counts: countsOf(snapshot.context) });
      return;
    }
    const kind = String(config["id"]);
    if (!this.machines.has(kind)) this.machines.set(kind, createMachine(config));
    const { status = "active", context } = snapshot;
    this.ones.set(sessionId, { id: sessionId, name: lastPart(name), kind, state, status, context, moves: [] });
  }

  #move(id: string, event: string, snapshot: Told = {}): void {
    const counted = this.counted.get(id);
    if (counted !== undefined) counted.counts = countsOf(snapshot.context);
    const one = this.ones.get(id);
    if (one === undefined) return;
    const to = leafOf(snapshot.value) ?? one.state;
    // What the bridge itself says of an actor is no event of the actor's.
    const isMove = !event.startsWith("inspection.") && event !== "xstate.init";
    if (isMove && (to !== one.state || event !== "")) {
      one.moves.push({ number: this.messages, from: one.state, to, event });
      if (one.moves.length > MOST_MOVES) one.moves.shift();
    }
    one.state = to;
    one.status = snapshot.status ?? one.status;
    one.context = snapshot.context ?? one.context;
  }

  /** How many are in each state of a machine: those shown, and those that are only counted. */
  countsOf(kind: string): Map<string, number> {
    const counts = new Map<string, number>();
    const add = (state: string, count: number): void => void counts.set(state, (counts.get(state) ?? 0) + count);
    for (const one of this.ones.values()) if (one.kind === kind && one.status === "active") add(one.state, 1);
    for (const group of this.counted.values())
      if (this.kindOf(group) === kind) for (const [state, count] of Object.entries(group.counts)) add(state, count);
    return counts;
  }

  /** A group is called after its machine, or counts blocks: by their node. */
  kindOf({ name }: Pick<Counted, "name">): string {
    return /^node-\d+$/.test(name) ? "block" : name;
  }
}

function readConfig(definition: string | undefined): Readonly<Record<string, unknown>> | undefined {
  const config: unknown = definition === undefined ? undefined : JSON.parse(definition);
  return typeof config === "object" && config !== null && "states" in config ? config : undefined;
}

/** `{ going_online: "populating" }` is `going_online.populating`. */
function leafOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return undefined;
  const [first] = Object.entries(value);
  if (first === undefined) return undefined;
  const inner = leafOf(first[1]);
  return inner === undefined ? first[0] : `${first[0]}.${inner}`;
}

function countsOf(context: unknown): Readonly<Record<string, number>> {
  if (typeof context !== "object" || context === null) return {};
  return Object.fromEntries(
    Object.entries(context).filter((entry): entry is [string, number] => typeof entry[1] === "number" && entry[1] > 0),
  );
}

/** `shard-0/memory33` is told as `memory33`. */
function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
