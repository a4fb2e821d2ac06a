import {
  callable,
  type Caller,
  checkedTask,
  type DefaultOnlineType,
  defaultOnlineTypes,
  hasZone,
  oneOf,
  type OnlineType,
  record,
  type Refusal,
  type Result,
  type SimEvent,
  type Task,
  text,
} from "@memhp/abi";
import type { Acpi, MemoryRange } from "@memhp/acpi";
import type { MemoryMap, NodeMemory, Zone } from "@memhp/engine";
import type { EventWants } from "@memhp/hotplug";
import type { Inspection, InspectionSource } from "@memhp/inspect";
import type { DeviceMemory, DeviceType, IgnoredWord } from "@memhp/devices";
import type { BlockView, Change, FileFaults, WriteAnswer } from "@memhp/sysfs";
import { assemble, type MachineParts } from "./assembly.ts";
import type { Board } from "./board/board.ts";
import type { HotplugParameters } from "./spec/boot-options.ts";
import type { HostCallback, Injection, InspectOptions, ShardSet, StreamListener } from "@memhp/shards";
import { checkAddress, checkCaller, checkInt, checkPresent, checkRange, checkWrite } from "./doors/arguments.ts";
import { type MachineFiles, machineFiles } from "./doors/machine-files.ts";
import * as check from "./doors/verb-checks.ts";
import type { BootRefusal } from "./kernel/boot-scan.ts";
import type { AddMemoryOptions } from "./kernel/memory-hotplug.ts";
import type { BulkResult } from "./kernel/state-changes.ts";
import type { PagesDoor } from "./pages/pages-door.ts";
import { ignoredWords } from "./spec/kernel-words.ts";
import type { Joined, MachineInternals, Wiring } from "./machine-wiring.ts";
import type { MachineSpec } from "./spec/spec.ts";
import { StuckError, waitingText } from "./time/stuck.ts";
import type { Kernel } from "@memhp/kernels";

/** Joins a machine; `start` of an image does. */
export let createMachine: (...wiring: Wiring) => Machine;

/** The same machine, booted again: who has it goes on with what this boot makes. */
export let rejoinMachine: (machine: Machine, ...wiring: Wiring) => void;

/** What is behind a machine. */
export let internalsOf: (machine: Machine) => MachineInternals;

/** A whole simulated computer. All its operations wait for the hotplug lock; reads do not. */
export class Machine {
  static {
    createMachine = (...wiring) => new Machine(...wiring);
    rejoinMachine = (machine, ...wiring) => {
      machine.#joined = machine.#join(...wiring);
    };
    internalsOf = (machine) => machine.#joined.internals;
  }

  readonly kernel: Kernel;
  /** Callbacks of the host program on the chain, by name. */
  readonly #callbacks = new Map<string, HostCallback>();
  #joined: Joined;

  /** `bootMachine` makes one, or `start` of an image. */
  private constructor(...wiring: Wiring) {
    this.#joined = this.#join(...wiring);
    this.kernel = this.board.kernel;
  }

  #join(...[image, board, shards, parameters, scheduler]: Wiring): Joined {
    const parts = assemble(image, board, shards, parameters, scheduler);
    const { spec } = image;
    const start = <T>(name: string, body: () => Promise<T>, caller?: Caller): Task<T> =>
      this.#start(name, body, caller);
    scheduler.onDry = () => new StuckError(`nothing is left that could let it go on:\n${this.waiting()}`);
    return {
      spec,
      board,
      parameters,
      internals: { shards, parts, start, callbacks: this.#callbacks },
      ignored: ignoredWords(board.kernel, spec),
      files: machineFiles(parts.tree, parts.faults, start),
    };
  }

  get #parts(): MachineParts {
    return this.#joined.internals.parts;
  }
  get #shards(): ShardSet {
    return this.#joined.internals.shards;
  }
  get spec(): MachineSpec {
    return this.#joined.spec;
  }
  get board(): Board {
    return this.#joined.board;
  }
  /** /sys/module/memory_hotplug/parameters; what is written there counts from then on. */
  get parameters(): HotplugParameters {
    return this.#joined.parameters;
  }
  /** Pages and who uses them. */
  get pages(): PagesDoor {
    return this.#parts.pagesDoor;
  }
  /** /sys, /proc and debugfs of the machine. */
  get files(): MachineFiles {
    return this.#joined.files;
  }
  /** What files do wrong on purpose, for whoever reads and writes them; the kernel itself meets none of it. */
  get faults(): FileFaults {
    return this.#parts.faults;
  }
  /** The kernel's ACPI code: devices, notify queue. */
  get acpi(): Acpi {
    return this.#parts.bus.acpi;
  }
  /** Words of the description that are not carried out, on this kernel. */
  get ignored(): readonly IgnoredWord[] {
    return this.#joined.ignored;
  }

  /**
   * From now on only `markUnmovable` says where kernel pages lie in memory that is added: for who knows it, as of a recorded run.
   * An image does not remember it.
   */
  ownKernelPages(): void {
    this.#parts.freshZones.enabled = false;
  }

  /** A program of the guest has run, and the kernel for it. */
  async programRan(): Promise<void> {
    if (this.#parts.freshZones.isPending) await this.#start("a program", () => this.#parts.freshZones.ran());
  }

  /** Memory of devices that the kernel did not take at boot; of a machine that goes on from an image the image's boot knows. */
  get bootRefusals(): readonly BootRefusal[] {
    return this.#parts.bootScan.refusals;
  }

  get autoOnline(): DefaultOnlineType {
    return this.#parts.memory.autoOnline;
  }
  /** @throws RangeError for a word that auto_online_blocks does not take. */
  set autoOnline(value: DefaultOnlineType) {
    oneOf("autoOnline", value, defaultOnlineTypes);
    this.#parts.memory.autoOnline = value;
  }
  get pageSize(): number {
    return 2 ** this.board.arch.pageShift;
  }
  get map(): MemoryMap {
    return this.#shards.map;
  }
  /** Zones of a node that its kernel lists. */
  zonesOf({ zones }: NodeMemory): readonly Zone[] {
    return zones.filter(({ index }) => hasZone(this.map.arch, index, this.kernel.sysfs.deviceZone));
  }
  get nowNs(): number {
    return this.#shards.clock.nowNs;
  }

  /** Hears many events at once, in the order of the stream: those of bulk work stay numbers until they are read. */
  listenToStream(listener: StreamListener): () => void {
    callable("listenToStream", listener);
    return this.#shards.clock.listenToStream(listener);
  }

  /** Hears every event in the order of the stream. @returns a function that ends it. */
  listen(listener: (event: SimEvent) => void): () => void {
    callable("listen", listener);
    return this.#shards.clock.listen(listener);
  }

  /** A memory block as its files show it; undefined where there is none. */
  blockView(id: number): BlockView | undefined {
    return this.#parts.kernelFiles.block(id);
  }

  /** Chooses which kinds of events are made at all. */
  setWants(wants: EventWants): void {
    record("setWants", wants);
    this.#shards.wants = wants;
  }

  /**
   * Lets simulated time pass; work that waits goes on meanwhile, and loads live.
   * @throws RangeError for anything but whole nanoseconds from 0.
   */
  wait(ns: number): Promise<void> {
    const waited = this.#parts.time.wait(ns);
    return ns !== 0 && this.#parts.freshZones.isPending ? waited.then(() => this.programRan()) : waited;
  }

  /**
   * Lets simulated time pass until something that this machine does has ended, but no longer than so many nanoseconds. Work
   * that is not done by then stands still until time passes again: that is how something runs in the background.
   * @returns false where the time was over first.
   * @throws RangeError for anything but whole nanoseconds from 0, or Infinity; StuckError where time would pass for ever.
   */
  passUntil(task: Task<unknown>, atMostNs: number): Promise<boolean> {
    return this.#parts.time.until(task, atMostNs);
  }

  /**
   * Time passes as fast as the work goes until a task has ended. Like awaiting it, but what can never end is an error.
   * @throws StuckError with what waits for what, where nothing that is under way could ever end it.
   */
  finish(task: Task<unknown>): Promise<void> {
    return this.#parts.time.finish(task);
  }

  /** True while something runs, or waits, that time must pass for. */
  get isBusy(): boolean {
    return this.#parts.lock.holder !== undefined;
  }

  /** True while something happens by itself when time comes to it: an agent looks again, a driver tries again, a load ends. */
  get hasAlarms(): boolean {
    return this.#parts.scheduler.nextAlarmNs !== Number.POSITIVE_INFINITY;
  }

  /** Stops the clock: what begins from now on runs only while time passes. It goes again when nobody works any more. */
  holdTime(): void {
    this.#parts.time.hold();
  }

  /** What waits for what, a line for each; empty where nothing waits. */
  waiting(): string {
    return waitingText(this.#parts.scheduler, this.#parts.lock);
  }

  #start<T>(name: string, body: () => Promise<T>, caller: Caller = {}): Task<T> {
    return this.#parts.scheduler.start(caller.name ?? name, body, caller);
  }

  /** Work of the kernel under the hotplug lock. */
  #locked<T>(name: string, body: () => Promise<T>, caller: Caller = {}): Task<T> {
    return this.#start(name, () => this.#parts.lock.run(body), caller);
  }

  /** What the host program does while nobody of the machine is at work. */
  #lockedFromOutside<T>(name: string, body: () => Promise<T>): Task<T> {
    return this.#start(name, () => this.#parts.lock.runFromOutside(body));
  }

  /** Onlines one block as a write to `state` does. */
  online(block: number, type: OnlineType | "remembered", caller: Caller = {}): Task<Result<Change>> {
    return checkedTask(
      "online",
      () => check.checkOnline(block, type, caller),
      () => this.#start(`online of block ${block}`, () => this.#parts.states.online(block, type, caller), caller),
    );
  }

  /** Offlines one block. Without a signal's time the caller loses patience after two minutes: later kernels never give up. */
  offline(block: number, caller: Caller = {}): Task<Result<Change>> {
    return checkedTask(
      "offline",
      () => check.checkOffline(block, caller),
      () => this.#start(`offline of block ${block}`, () => this.#parts.states.offline(block, caller), caller),
    );
  }

  /** A signal reaches whoever holds the hotplug lock now. To signal one caller, abort the `signal` that it came with. */
  signal(): Task<void> {
    return this.#start("signal", () => this.#shards.interrupt());
  }

  /** Onlines or offlines many blocks; nodes run beside each other. */
  bulk(
    op: "online" | "offline",
    blocks: readonly number[],
    type: OnlineType = "online",
    caller: Caller = {},
  ): Task<BulkResult> {
    return checkedTask(
      "bulk",
      () => check.checkBulk(op, blocks, type, caller),
      () => {
        const own = [...blocks];
        return this.#start(
          `${op} of ${own.length} blocks`,
          () => this.#parts.states.bulk(op, own, type, caller),
          caller,
        );
      },
    );
  }

  /** Tells the engine that blocks hold kernel pages, or that they do not any more. */
  markUnmovable(blocks: readonly number[], unmovable: boolean): Task<void> {
    return checkedTask(
      "markUnmovable",
      () => check.checkMarkUnmovable(blocks, unmovable),
      () =>
        this.#locked("set_unmovable", async () => {
          checkPresent("markUnmovable: blocks", blocks, this.map);
          await this.#shards.execute(
            blocks.map((block) => ({ op: "set_unmovable", node: this.map.blocks.node(block), block, unmovable })),
          );
        }),
    );
  }

  /** Adds a callback of the host program to the memory notifier chain. */
  registerNotifier(name: string, priority: number, callback: HostCallback): Task<void> {
    return checkedTask(
      "registerNotifier",
      () => check.checkRegisterNotifier(name, priority, callback),
      () =>
        this.#lockedFromOutside(`registration of ${name}`, async () => {
          await this.#shards.registerNotifier(name, priority, callback);
          this.#parts.notifiers.push({ name, priority });
          this.#callbacks.set(name, callback);
        }),
    );
  }

  /** The door to the memory devices of one kind. @throws RangeError for a kind that the machine does not have. */
  device<Door>(type: DeviceType<Door>): Door {
    return this.#parts.devices.door(type);
  }

  /** Drivers of memory devices that the kernel has as modules. */
  get modules(): readonly string[] {
    return this.#parts.devices.modules.map(({ name }) => name);
  }

  /** Where the memory that was plugged in lies, by address. */
  pluggedMemory(): readonly DeviceMemory[] {
    return this.#parts.devices.memory();
  }

  /**
   * Attaches an inspector to the block actors of all workers and to those of devices: `inspect({ to: createBrowserInspector() })`.
   * Blocks that are not looked at are counted by node, devices by their machine. Devices have the attribute `device`, the id of their machine.
   */
  inspect(options: InspectOptions): Task<Inspection> {
    return checkedTask(
      "inspect",
      () => check.checkInspect(options),
      () =>
        this.#lockedFromOutside("inspect", async () => {
          const inspection = await this.#shards.inspect(options);
          const stop = this.watchDevices(inspection.local);
          return {
            ...inspection,
            close() {
              stop();
              inspection.close();
            },
          };
        }),
    );
  }

  /** Looks at the actors of devices alone: those that are there, and those that come. @returns what ends it. */
  watchDevices(watcher: Pick<InspectionSource, "attach" | "inspect">): () => void {
    return this.#parts.actors.watch(watcher);
  }

  /** One write(2) to a file, as part of the event stream: what the block tells, why the kernel refused, what write returned. */
  write(path: string, data: string, caller: Caller = {}): Task<WriteAnswer> {
    return checkedTask(
      "write",
      () => checkWrite("write", path, data, caller),
      () => this.#start(`write to ${path}`, () => this.#parts.writer.write(path, data, caller), caller),
    );
  }

  /**
   * A program of userspace does something when time comes to a moment, or at once where it has passed. What it awaits of the machine
   * is `write` alone: it is a thread itself, and whoever else is begun goes on only after it.
   */
  at(
    atNs: number,
    name: string,
    run: (write: (path: string, data: string) => Promise<WriteAnswer>) => Promise<void>,
  ): void {
    check.checkAt(atNs, name, run);
    const caller: Caller = { name };
    const ring = (): Promise<void> => run((path, data) => this.#parts.writer.write(path, data, caller));
    this.#parts.scheduler.setAlarm({ atNs, name, ring });
  }

  /** Settles when the kernel has done what firmware and `eject` files asked for. */
  idle(): Task<void> {
    return this.#start("whoever waits for firmware", () => this.acpi.idle());
  }

  /** Blocks that have a device in /sys, ascending; without CONFIG_MEMORY_HOTPLUG none has. */
  blockDevices(): Iterable<number> {
    return this.kernel.config.MEMORY_HOTPLUG ? this.map.blocks.ids() : [];
  }

  /** Ends the workers. */
  close(): Promise<void> {
    return this.#shards.close();
  }

  /** A write to `probe`. */
  probe(address: number, caller: Caller = {}): Task<Result<void>> {
    return checkedTask(
      "probe",
      () => {
        checkAddress("probe: address", address);
        checkCaller("probe: caller", caller);
      },
      () => this.#start("probe", () => this.#parts.states.probe(address, caller), caller),
    );
  }

  /** add_memory and add_memory_driver_managed for code inside the kernel. */
  add(range: MemoryRange, options: AddMemoryOptions): Task<Result<void>> {
    return checkedTask(
      "add",
      () => check.checkAdd(range, options),
      () => this.#locked("add_memory", () => this.#parts.memory.addNamed(range, options)),
    );
  }

  /** remove_memory for code inside the kernel. @throws KernelBug where the kernel would not survive it (facts §5.2). */
  remove(range: MemoryRange): Task<Result<void>> {
    return checkedTask(
      "remove",
      () => checkRange("remove: range", range),
      () =>
        this.#locked("remove_memory", () =>
          this.#withdraw(range, () => this.#parts.memory.removal.removeIfOffline(range)),
        ),
    );
  }

  /** offline_and_remove_memory for code inside the kernel. */
  offlineAndRemove(range: MemoryRange): Task<Result<void>> {
    return checkedTask(
      "offlineAndRemove",
      () => checkRange("offlineAndRemove: range", range),
      () =>
        this.#locked("offline_and_remove_memory", () =>
          this.#withdraw(range, () => this.#parts.memory.removal.offlineAndRemove(range)),
        ),
    );
  }

  /** Memory that goes without its device: the device must forget its blocks. */
  async #withdraw(range: MemoryRange, remove: () => Promise<Result<void>>): Promise<Result<void>> {
    const blocks = this.blocksOf(range);
    const removed = await remove();
    if (removed.ok) await this.acpi.blocksRemoved(blocks);
    return removed;
  }

  /** Memory blocks that exist in a range, ascending. */
  blocksOf(range: MemoryRange): number[] {
    checkRange("blocksOf: range", range);
    return this.#parts.memory.blocksOf(range);
  }

  /** Loads the driver of a kind of memory devices, as insmod does; parameters as `unplug_online=0`. */
  loadModule(name: string, words = ""): Task<Result<void>> {
    return checkedTask(
      "loadModule",
      () => check.checkLoadModule(name, words),
      () => this.#start(`insmod ${name}`, () => this.#parts.devices.loadModule(name, words, this.kernel.config)),
    );
  }

  /** Takes such a driver out again, as rmmod does. */
  unloadModule(name: string): Task<Result<void>> {
    return checkedTask(
      "unloadModule",
      () => check.checkLoadModule(name, ""),
      () => this.#start(`rmmod ${name}`, () => this.#parts.devices.unloadModule(name)),
    );
  }

  /** Loads memory-notifier-error-inject: its callback joins the chain and its debugfs files appear. */
  loadErrorInjection(priority: number): void {
    checkInt("loadErrorInjection: priority", priority);
    this.#parts.kernelFiles.loadErrorInjection(priority, this.#parts.notifiers.length);
  }
  unloadErrorInjection(): void {
    this.#parts.kernelFiles.unloadErrorInjection();
  }

  /** Errors that are injected, and at which priority; undefined while the module is not loaded. */
  get errorInjection(): Injection | undefined {
    return this.#shards.injection;
  }

  /** Tells the stream of a refusal that a caller got in a way that the stream does not hear of, with whose it is. */
  tell(refusal: Refusal, caller: Caller = {}): void {
    checkCaller("tell: caller", caller);
    this.#parts.writer.tell(refusal, caller);
  }

  /** Userspace hears that a module without memory devices is there: the `add` uevent of `/module/NAME`. */
  announceModule(name: string): void {
    text("announceModule: name", name);
    const devpath = `/module/${name.replaceAll("-", "_")}`;
    this.#shards.emit({ type: "uevent", action: "add", devpath, subsystem: "module" });
  }

  /** Nanoseconds that a page takes to move, where `setMigrationCost` said so. No image holds it. */
  get migrationCost(): number | undefined {
    return this.#shards.migratePageNs;
  }

  /** How long the migration of one page takes from now on, in nanoseconds; undefined: as the kernel's costs say. */
  setMigrationCost(ns: number | undefined): void {
    if (ns !== undefined && !(ns >= 0 && ns < Infinity))
      throw new RangeError(`setMigrationCost: ns: expected a time from 0, found ${ns}`);
    this.#shards.migratePageNs = ns;
  }
}
