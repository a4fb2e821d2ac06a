import type { Machine } from "@memhp/machine";
import type { InspectionEvent } from "xstate";

/** The statecharts of devices, by the ids of their machines. */
export const deviceKinds = ["memoryDevice", "container", "virtioMem"] as const;
/** A name of `deviceKinds`. */
export type DeviceKind = (typeof deviceKinds)[number];

/** A step of a device's statechart. */
export interface DeviceMove {
  /** Simulated time. */
  readonly atNs: number;
  readonly event: string;
  readonly from: string;
  readonly to: string;
}

/** A device's actor: where it is, and how it came there. */
export interface DeviceLife {
  readonly kind: DeviceKind;
  /** A place of the namespace, or `virtio-mem-vm0`. */
  readonly id: string;
  state: string;
  /** The oldest first; only so many are kept. */
  readonly moves: DeviceMove[];
  dropped: number;
}

/** Moves of one device that are kept. */
const MOST_MOVES = 256;

interface DeviceActor {
  readonly id: string;
  readonly logic?: { readonly id?: string };
  getSnapshot(): { readonly value?: unknown } | undefined;
}

/** How the devices of a machine move, which no event of its stream tells. */
export class DeviceMoves {
  readonly #lives = new Map<unknown, DeviceLife>();
  readonly #machine: Machine;
  readonly #stop: () => void;
  #version = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    const inspect = { next: (event: InspectionEvent) => this.#hear(event) };
    this.#stop = machine.watchDevices({
      inspect,
      attach: (actor) => {
        this.#lifeOf(actor);
        actor.system.inspect(inspect);
      },
    });
  }

  /** Counts up with every move. */
  get version(): number {
    return this.#version;
  }

  /** Devices that anybody ever asked for, in the order in which they were. */
  list(kind: DeviceKind): DeviceLife[] {
    return [...this.#lives.values()].filter((life) => life.kind === kind);
  }

  close(): void {
    this.#stop();
  }

  #hear(event: InspectionEvent): void {
    // Every step by itself: a state that is left again at once has its place in the history as well.
    if (event.type !== "@xstate.microstep") return;
    const life = this.#lifeOf(event.actorRef);
    if (life === undefined || event._transitions.length === 0) return;
    const to = pathOf((event.snapshot as { readonly value?: unknown }).value);
    life.moves.push({ atNs: this.#machine.nowNs, event: event.event.type, from: life.state, to });
    if (life.moves.length > MOST_MOVES) {
      life.moves.shift();
      life.dropped += 1;
    }
    life.state = to;
    this.#version += 1;
  }

  #lifeOf(actorRef: unknown): DeviceLife | undefined {
    const known = this.#lives.get(actorRef);
    if (known !== undefined) return known;
    const actor = actorRef as DeviceActor;
    const { id, logic } = actor;
    const kind = deviceKinds.find((each) => each === logic?.id);
    const snapshot = kind === undefined ? undefined : actor.getSnapshot();
    if (kind === undefined || snapshot === undefined) return undefined;
    const life: DeviceLife = { kind, id, state: pathOf(snapshot.value), moves: [], dropped: 0 };
    this.#lives.set(actorRef, life);
    return life;
  }
}

/** `{ ejecting: "first_pass" }` is `ejecting.first_pass`. */
function pathOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const [first] = Object.entries(value);
  return first === undefined ? "" : `${first[0]}.${pathOf(first[1])}`;
}
