import { type Actor, type AnyActorLogic, createActor, type InspectionEvent, type Observer } from "xstate";
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
export interface Life<Event extends { readonly type: string }, Tag extends string> {
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

export type MemoryDeviceLife = Life<MemoryDeviceEvent, MemoryDeviceTag>;
export type ContainerLife = Life<ContainerEvent, ContainerTag>;

interface LifeOptions<Step> {
  readonly path: string;
  readonly execute: (step: Step) => Promise<StepAnswer>;
  readonly inspect?: AcpiInspector | undefined;
}

export function memoryDeviceLife(options: LifeOptions<MemoryDeviceStep>): MemoryDeviceLife {
  const steps = stepQueue<MemoryDeviceStep>();
  const actor = createActor(memoryDeviceMachine, {
    input: { path: options.path, ports: steps },
    id: options.path,
    ...(options.inspect === undefined ? {} : { inspect: options.inspect }),
  });
  return startLife(actor, steps, options);
}

export function containerLife(options: LifeOptions<ContainerStep>): ContainerLife {
  const steps = stepQueue<ContainerStep>();
  const actor = createActor(containerMachine, {
    input: { path: options.path, ports: steps },
    id: options.path,
    ...(options.inspect === undefined ? {} : { inspect: options.inspect }),
  });
  return startLife(actor, steps, options);
}

interface StepQueue<Step> {
  perform(step: Step): void;
  take(): Step | undefined;
}

function stepQueue<Step>(): StepQueue<Step> {
  let pending: Step | undefined;
  return {
    perform(step) {
      pending = step;
    },
    take() {
      const step = pending;
      pending = undefined;
      return step;
    },
  };
}

/** What `startLife` needs of either actor. */
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

function startLife<Step, Event extends { readonly type: string }, Tag extends string>(
  actor: Chart<Event, Tag>,
  steps: StepQueue<Step>,
  { path, execute }: LifeOptions<Step>,
): Life<Event, Tag> {
  actor.start();
  const state = (): string => dotted(actor.getSnapshot().value);

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
      for (let step = steps.take(); step !== undefined; step = steps.take()) send(await execute(step));
    },
  };
}

function dotted(value: unknown): string {
  if (typeof value === "string") return value;
  const [key, inner] = Object.entries(value as Record<string, unknown>)[0] ?? ["", ""];
  return `${key}.${dotted(inner)}`;
}
