import {
  type Actor,
  type AnyActorLogic,
  createActor,
  type InspectionEvent,
  type Observer,
  type Snapshot,
} from "xstate";
import { type ContainerEvent, containerMachine, type ContainerStep, type ContainerTag } from "./container-machine.ts";
import {
  type MemoryDeviceEvent,
  memoryDeviceMachine,
  type MemoryDeviceStep,
  type MemoryDeviceTag,
} from "./memory-device-machine.ts";
import type { StepAnswer, StepFailure } from "./step.ts";

/** Hears of every actor and event, as XState's own inspection. */
export type AcpiInspector = Observer<InspectionEvent> | ((event: InspectionEvent) => void);

/** A device's statechart and whoever carries out its steps. Its state is where the device is in its life. */
export interface DeviceActor<Event extends { readonly type: string }, Tag extends string> {
  readonly actor: Actor<AnyActorLogic>;
  /** Dotted path of the state: `ejecting.first_pass`. */
  readonly state: string;
  /** Why the last step failed. */
  readonly failure: StepFailure | null;
  /** A scan found the device gone while its driver held it, and left it alone. */
  readonly skipped: boolean;
  has(tag: Tag): boolean;
  can(event: Event): boolean;
  /** Sends an event and carries out the steps that follow. @throws Error (a bug of memhp) where the state does not expect it. */
  run(event: Event): Promise<void>;
}

/** A memory device as an actor of its chart. */
export type MemoryDeviceActor = DeviceActor<MemoryDeviceEvent, MemoryDeviceTag>;
/** A container as an actor of its chart. */
export type ContainerActor = DeviceActor<ContainerEvent, ContainerTag>;

/** Steps that actors have begun and nobody has carried out. */
const begun = new WeakMap<object, MemoryDeviceStep | ContainerStep>();
const actions = {
  perform: ({ self }: { self: object }, { step }: { step: MemoryDeviceStep | ContainerStep }) =>
    void begun.set(self, step),
};
/** The charts with their way out, once for all machines: to provide one takes longer than to bring up a DIMM. */
const charts = {
  memoryDevice: memoryDeviceMachine.provide({ actions }),
  container: containerMachine.provide({ actions }),
};

interface DeviceActorOptions<Step> {
  readonly path: string;
  readonly execute: (step: Step) => Promise<StepAnswer>;
  readonly inspect?: AcpiInspector | undefined;
  /** Goes on from here: what `actor.getPersistedSnapshot()` gave. */
  readonly snapshot?: Snapshot<unknown> | undefined;
}

export function memoryDeviceActor(options: DeviceActorOptions<MemoryDeviceStep>): MemoryDeviceActor {
  const actor = createActor(charts.memoryDevice, { input: { path: options.path }, ...actorOptions(options) });
  return startDeviceActor(actor, options);
}

export function containerActor(options: DeviceActorOptions<ContainerStep>): ContainerActor {
  const actor = createActor(charts.container, { input: { path: options.path }, ...actorOptions(options) });
  return startDeviceActor(actor, options);
}

function actorOptions<Step>({ path, inspect, snapshot }: DeviceActorOptions<Step>): {
  id: string;
  inspect?: AcpiInspector;
  snapshot?: Snapshot<unknown>;
} {
  return {
    id: path,
    ...(inspect === undefined ? {} : { inspect }),
    ...(snapshot === undefined ? {} : { snapshot }),
  };
}

/** What `startDeviceActor` needs of either actor. */
interface Chart<Event, Tag> {
  start(): unknown;
  send(event: Event | StepAnswer): void;
  getSnapshot(): {
    readonly value: unknown;
    readonly context: { readonly failure: StepFailure | null; readonly skipped: boolean };
    can(event: Event | StepAnswer): boolean;
    hasTag(tag: Tag): boolean;
  };
}

function startDeviceActor<Step, Event extends { readonly type: string }, Tag extends string>(
  actor: Chart<Event, Tag>,
  { path, execute }: DeviceActorOptions<Step>,
): DeviceActor<Event, Tag> {
  actor.start();
  const state = (): string => dotted(actor.getSnapshot().value);

  function take(): Step | undefined {
    const step = begun.get(actor);
    begun.delete(actor);
    return step as Step | undefined;
  }

  function send(event: Event | StepAnswer): void {
    if (!actor.getSnapshot().can(event)) {
      throw new Error(`memhp bug: ${path} in ${state()} does not expect ${event.type}`);
    }
    actor.send(event);
  }

  return {
    actor: actor as unknown as Actor<AnyActorLogic>,
    get state() {
      return state();
    },
    get failure() {
      return actor.getSnapshot().context.failure;
    },
    get skipped() {
      return actor.getSnapshot().context.skipped;
    },
    has: (tag) => actor.getSnapshot().hasTag(tag),
    can: (event) => actor.getSnapshot().can(event),
    async run(event) {
      send(event);
      for (let step = take(); step !== undefined; step = take()) send(await execute(step));
    },
  };
}

function dotted(value: unknown): string {
  if (typeof value === "string") return value;
  const [key, inner] = Object.entries(value as Record<string, unknown>)[0] ?? ["", ""];
  return `${key}.${dotted(inner)}`;
}
