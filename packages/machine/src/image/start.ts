import { knownKeys, wholeNumber } from "@memhp/abi";
import { ImageError } from "@memhp/engine";
import { sliceNodes } from "@memhp/hotplug";
import { type Kernel, kernelFor, withConfig } from "@memhp/kernels";
import { type Platform, platformOf } from "@memhp/platforms";
import {
  createLocalShard,
  type HostCallback,
  type Shard,
  ShardSet,
  MachineClock,
  type WorkerFactory,
  WorkerGone,
} from "@memhp/shards";
import type { Board } from "../board/board.ts";
import { builtPlatform } from "../board/built-platform.ts";
import { finishBoot } from "../kernel/finish-boot.ts";
import { createMachine, internalsOf, type Machine, rejoinMachine } from "../machine.ts";
import { Scheduler } from "../time/scheduler.ts";
import { type DeviceType, deviceTypes } from "@memhp/devices";
import type { MachineSpec } from "../spec/spec.ts";
import { boardOf } from "./board-image.ts";
import { boot, type BootOptions } from "./boot.ts";
import { checkFormat } from "./check-format.ts";
import type { MachineImage } from "./machine-image.ts";
import { machineOptions } from "./machine-options.ts";

/** What an image is started with: threads, and what functions it had. */
export interface StartOptions {
  /** A platform of the caller's own, given again: functions are not in an image. */
  readonly platform?: Platform;
  /** Kinds of memory devices: those that the image was booted with. Without it all that memhp has. */
  readonly devices?: readonly DeviceType[];
  /** Workers to spread the nodes over; 0 runs everything in this thread. */
  readonly workers?: number;
  /** How workers are started; needed where `workers` is not 0. */
  readonly workerFactory?: WorkerFactory;
  /**
   * Workers begin when a program uses memory, or somebody inspects: until then the nodes are in this thread, where blocks that nobody uses
   * are done with before a worker has started. By default workers begin at once, so that the first load need not wait for them.
   */
  readonly lateWorkers?: boolean;
  /** The host program's callbacks by name, where the image has any: functions are not in it. */
  readonly notifiers?: Readonly<Record<string, HostCallback>>;
  /** Is given the machine before the kernel looks at its devices; what happens then is boot. */
  readonly onBoot?: (machine: Machine) => void;
  /** Compares every counter with a recount of the pages: for an image that comes from a file. */
  readonly verify?: boolean;
  /** Turns that kernel threads may take before the machine fails with an `EndlessError`; without it there is no such end. */
  readonly mostTurns?: number;
}

/** Options of `boot` and of `start` together. */
export interface MachineOptions extends BootOptions, StartOptions {}

const KEYS: Readonly<Record<keyof MachineOptions, true>> = machineOptions;

/** Boots a kernel on a machine. @throws SpecError for a machine it cannot boot on, RangeError for an unknown kernel. */
export async function bootMachine(spec: MachineSpec, options: MachineOptions): Promise<Machine> {
  return start(boot(spec, options), options);
}

/**
 * Goes on from an image: what follows is what would have followed, on any number of workers. The image stays as it is, and may be
 * started from any number of times.
 * @throws ImageError for an image that contradicts itself or is of another version, RangeError for workers or callbacks that are missing.
 */
export async function start(image: MachineImage, options: StartOptions = {}): Promise<Machine> {
  checkFormat(image);
  knownKeys("options", options, Object.keys(KEYS));
  checkThreads(options);
  const callbacks = image.notifiers.map((registered) => ({
    ...registered,
    call: callbackOf(registered.name, options),
  }));
  if (options.verify !== true) return goOn(image, callbacks, options);
  try {
    return await goOn(image, callbacks, options);
  } catch (error) {
    // Of a file nobody knows where it comes from: whatever is wrong with it is no bug of memhp.
    if (error instanceof ImageError || error instanceof WorkerGone) throw error;
    throw new ImageError("image", (error as Error).message);
  }
}

type NamedCallback = { readonly name: string; readonly priority: number; readonly call: HostCallback };

async function goOn(image: MachineImage, callbacks: readonly NamedCallback[], options: StartOptions): Promise<Machine> {
  const clock = new MachineClock(image.memory.clock);
  const scheduler = new Scheduler(clock, image.memory.clock.limitNs ?? Number.POSITIVE_INFINITY, options.mostTurns);
  const wired = await wire(image, options, { clock, scheduler });
  return settled(wired, async () => {
    const machine = createMachine(image, wired.board, wired.shards, wired.parameters, scheduler);
    restarts.set(machine, (next) => bootAgain(machine, next, options));
    await goOnWith(machine, callbacks, image.stage === "early" ? () => options.onBoot?.(machine) : undefined);
    return machine;
  });
}

/** How a machine boots again, with the threads that it was started with. */
const restarts = new WeakMap<Machine, (image: MachineImage) => Promise<void>>();

/** The machine boots on an image of stage `early`: whoever has it goes on with it, its clock and its stream of events go on too. */
export async function restart(machine: Machine, image: MachineImage): Promise<void> {
  await restarts.get(machine)?.(image);
}

async function bootAgain(machine: Machine, image: MachineImage, options: StartOptions): Promise<void> {
  const { parts, shards: old, callbacks } = internalsOf(machine);
  const { clock } = old;
  const scheduler = new Scheduler(clock, parts.scheduler.horizonNs, options.mostTurns);
  const wired = await wire(image, options, { clock, scheduler });
  await settled(wired, async () => {
    const { shards } = wired;
    shards.wants = old.wants;
    // Whoever remembers what it saw of the old one looks again.
    for (const what of ["map", "pages"] as const) shards.revision[what] = old.revision[what] + 1;
    rejoinMachine(machine, image, wired.board, shards, wired.parameters, scheduler);
    const now = internalsOf(machine).parts;
    now.monitor.backends = parts.monitor.backends;
    now.freshZones.enabled = parts.freshZones.enabled;
    if (parts.time.isHeld) now.time.hold(true);
    const again = parts.notifiers.flatMap(({ name, priority }): NamedCallback[] => {
      const call = callbacks.get(name);
      return call === undefined ? [] : [{ name, priority, call }];
    });
    await goOnWith(machine, again, () => {});
  });
  await old.close();
}

/** @param onBoot is called before the kernel looks at its devices; undefined for a machine that has done so. */
async function goOnWith(
  machine: Machine,
  callbacks: readonly NamedCallback[],
  onBoot: (() => void) | undefined,
): Promise<void> {
  const { shards, parts } = internalsOf(machine);
  await shards.learn();
  for (const { name, priority, call } of callbacks) await machine.registerNotifier(name, priority, call);
  await parts.devices.goOn();
  if (onBoot === undefined) return;
  onBoot();
  await finishBoot(machine);
}

interface Wired {
  readonly board: Board;
  readonly shards: ShardSet;
  readonly parameters: MachineImage["parameters"];
  readonly started: readonly Shard[];
}

/** The shards of an image, and what the kernel finds when it looks at its board. */
async function wire(
  image: MachineImage,
  options: StartOptions,
  { clock, scheduler }: { readonly clock: MachineClock; readonly scheduler: Scheduler },
): Promise<Wired> {
  const named = options.platform ?? platformOf(image.spec.arch);
  const kernel = kernelOfImage(image, named);
  const platform = builtPlatform(named, kernel);
  const { arch } = platform;
  const board = boardOf(image.board, kernel, platform, options.devices ?? deviceTypes);
  const { shards: started, shardOf } = await startShards(image, board, options);
  const host = { kernel, arch, movableNode: board.layout.options.movableNode };
  const parameters = { ...image.parameters };
  const shards = new ShardSet(host, image.memory, started, shardOf, parameters, { clock, pace: scheduler });
  return { board, shards, parameters, started };
}

/** Shards that were started must not be left running by what fails afterwards. */
async function settled<T>({ started }: Wired, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await Promise.all(started.map((shard) => shard.close()));
    throw error;
  }
}

/** The kernel that runs: built with the image's switches. */
function kernelOfImage({ kernel, config = {} }: MachineImage, { id }: Platform): Kernel {
  return withConfig(typeof kernel === "string" ? kernelFor(kernel, id) : kernel, config);
}

function callbackOf(name: string, { notifiers }: StartOptions): HostCallback {
  const callback = notifiers?.[name];
  if (callback === undefined)
    throw new RangeError(
      `notifiers: the image has a callback ${JSON.stringify(name)} on the chain, which must be given again`,
    );
  return callback;
}

interface StartedShards {
  readonly shards: Shard[];
  readonly shardOf: Map<number, number>;
}

/** @throws RangeError, TypeError */
function checkThreads({ workers = 0, workerFactory, mostTurns }: StartOptions): void {
  wholeNumber("workers", workers);
  if (mostTurns !== undefined) wholeNumber("mostTurns", mostTurns);
  if (workers > 0 && workerFactory === undefined)
    throw new RangeError("workers need a worker factory: workerThreads() in Node, webWorkers() in a browser");
}

/** Spreads the nodes over the workers, round robin; a node never leaves its shard. */
async function startShards(image: MachineImage, board: Board, options: StartOptions): Promise<StartedShards> {
  const { workers = 0, workerFactory, verify = false } = options;
  const { kernel, arch } = board;
  const ids = image.memory.nodes.map.nodes.map(({ id }) => id);
  const { nodes } = image.memory;
  const own = board.devices.flatMap(({ callback }) => callback ?? []);
  const common = { kernel, arch, verify, callbacks: own.map(({ name }) => name) };
  if (workers === 0 || workerFactory === undefined) {
    const shard = createLocalShard({ ...common, nodes }, own);
    return { shards: [shard], shardOf: new Map(ids.map((node) => [node, 0])) };
  }
  const count = Math.min(workers, ids.length);
  const shardOf = new Map(ids.map((node, i) => [node, i % count]));
  const slices = Array.from({ length: count }, (_, i) =>
    sliceNodes(nodes, new Set(ids.filter((node) => shardOf.get(node) === i))),
  );
  // Code of workers comes where there are any: a first visit of a page has none.
  const { startInWorkers, startLater } = await import("./start-in-workers.ts");
  const inits = slices.map((slice) => ({ ...common, nodes: slice }));
  const machine = { workerFactory, spec: image.spec, board, nodes: ids };
  const shards =
    options.lateWorkers === true
      ? startLater(
          inits.map((init) => createLocalShard(init, own)),
          common,
          machine,
        )
      : await startInWorkers(inits, machine);
  return { shards, shardOf };
}
