import {
  callable,
  type Caller,
  checkedTask,
  type EventBody,
  hasZone,
  nonEmptyText,
  oneOf,
  type OnlineType,
  onlineTypes,
  record,
  type Refusal,
  type Result,
  type SimEvent,
  type Task,
  text,
  wholeNumber,
} from "@memhp/abi";
import { type Acpi, createAcpiViews, type MemoryRange } from "@memhp/acpi";
import { type MemoryMap, type NodeMemory, Prng, type Zone } from "@memhp/engine";
import type { EventWants } from "@memhp/hotplug";
import type { Inspection } from "@memhp/inspect";
import type { DeviceHost, DeviceMemory, DeviceType, DlparPort, IgnoredWord } from "@memhp/devices";
import {
  type BlockView,
  type Change,
  createTree,
  faultyReads,
  FileFaults,
  type Tree,
  type WriteAnswer,
  type Written,
} from "@memhp/sysfs";
import { type AcpiBus, createAcpiBus } from "./ports/acpi-bus.ts";
import { type Board, deviceWindow } from "./board/board.ts";
import { nodeDistance } from "./board/distances.ts";
import { type AutoOnline, autoOnlineWords, type HotplugParameters, parseBootOptions } from "./spec/boot-options.ts";
import type { HostCallback, InspectOptions, ShardSet, StreamListener } from "@memhp/shards";
import {
  checkAddress,
  checkBlock,
  checkBlocks,
  checkCaller,
  checkInt,
  checkPresent,
  checkRange,
  checkRead,
  checkWrite,
} from "./doors/arguments.ts";
import { MachineDevices } from "./devices/machine-devices.ts";
import { HotplugLock } from "./time/hotplug-lock.ts";
import type { Iomem } from "./kernel/iomem.ts";
import { FreshZones } from "./kernel/fresh-zones.ts";
import { dlparOf } from "./kernel/dlpar.ts";
import { dlparRequest } from "./kernel/dlpar-request.ts";
import { kernelFiles } from "./ports/kernel-files.ts";
import { MachinePages } from "./pages/machine-pages.ts";
import { type AddMemoryOptions, MemoryHotplug } from "./kernel/memory-hotplug.ts";
import { assertQuiet } from "./image/quiet.ts";
import { boardImage } from "./image/board-image.ts";
import { IMAGE_FORMAT, type MachineImage } from "./image/machine-image.ts";
import { type MonitorState, restoreMonitor, snapshotMonitor } from "./image/monitor-image.ts";
import { type MemmapEntry, PhysicalMemory } from "./kernel/physical-memory.ts";
import { TimeByHand } from "./time/by-hand.ts";
import type { Scheduler } from "./time/scheduler.ts";
import { StuckError, waitingText } from "./time/stuck.ts";
import { PagesDoor } from "./pages/pages-door.ts";
import { hugepageSizes } from "./spec/hugepage-pools.ts";
import { ignoredWords } from "./spec/kernel-words.ts";
import type { MachineSpec } from "./spec/spec.ts";
import { type BulkResult, StateChanges } from "./kernel/state-changes.ts";
import { createWorkQueue } from "./time/work-queue.ts";
import type { Kernel } from "@memhp/kernels";

/** The files of a machine, for who looks and writes from outside. */
export interface MachineFiles extends Tree {
  write(path: string, data: string, caller?: Caller): Task<WriteAnswer>;
  readRange(path: string, offset: number, length: number): Task<Result<string>>;
}

/** Memory of a device that was there at boot, and that the kernel did not take; bytes. */
export interface BootRefusal {
  readonly device: string;
  readonly sizeBytes: number;
  readonly refusal: Refusal;
}

/** So that faults and loads draw different numbers from one seed. */
const FAULTS = 0xfa17;

/** A whole simulated computer. All its operations wait for the hotplug lock; reads do not. */
export class Machine {
  readonly kernel: Kernel;
  readonly spec: MachineSpec;
  readonly board: Board;
  readonly shards: ShardSet;
  readonly devices: MachineDevices;
  /** /sys/module/memory_hotplug/parameters; what is written there counts from then on. */
  readonly parameters: HotplugParameters;
  /** Pages and who uses them. */
  readonly pages: PagesDoor;
  readonly #pages: MachinePages;
  readonly #physical: PhysicalMemory;
  readonly #memory: MemoryHotplug;
  readonly #freshZones: FreshZones;
  /** /sys, /proc and debugfs of the machine. */
  readonly files: MachineFiles;
  /** What files do wrong on purpose, for whoever reads and writes them; the kernel itself meets none of it. */
  readonly faults: FileFaults;
  readonly #faultDraws: Prng;
  readonly #files: Tree;
  readonly #kernelFiles: ReturnType<typeof kernelFiles>;
  readonly #written: Written;
  /** What QEMU's monitor keeps beside the guest. */
  readonly monitor: MonitorState;
  readonly #scheduler: Scheduler;
  readonly #lock: HotplugLock;
  readonly #time: TimeByHand;
  readonly #states: StateChanges;
  /** The kernel's ACPI code: devices, notify queue. */
  readonly acpi: Acpi;
  readonly #bus: AcpiBus;
  readonly #image: Pick<MachineImage, "kernel" | "config" | "seed">;
  readonly #bootRefusals: BootRefusal[] = [];
  #isScanning = false;
  /** Words of the description that are not carried out, on this kernel. */
  readonly ignored: readonly IgnoredWord[];
  readonly #notifiers: { readonly name: string; readonly priority: number }[] = [];

  /** Use `bootMachine`, or `start` for an image. */
  constructor(
    image: MachineImage,
    board: Board,
    shards: ShardSet,
    parameters: HotplugParameters,
    scheduler: Scheduler,
  ) {
    const { spec } = image;
    const { kernel } = board;
    this.#image = image;
    this.monitor = restoreMonitor(image.monitor);
    this.#written = { ...image.written, autoprobe: { ...image.written.autoprobe } };
    const options = parseBootOptions(spec.cmdline);
    this.kernel = kernel;
    this.spec = spec;
    this.board = board;
    this.ignored = ignoredWords(kernel, spec);
    this.shards = shards;
    this.parameters = parameters;
    this.#scheduler = scheduler;
    this.#lock = new HotplugLock(scheduler);
    const roomBytes = Math.max(0, spec.maxMemoryBytes - spec.memoryBytes);
    this.devices = new MachineDevices(board.devices, this.#deviceHost(roomBytes), spec.devices, image.devices);
    this.#physical = new PhysicalMemory(board, spec, image.physical);
    const distance = nodeDistance(board, spec);
    const setAlarm = scheduler.setAlarm.bind(scheduler);
    this.#freshZones = this.#freshZonesOf(image);
    const used = (node: number): Promise<void> => this.#freshZones.used(node);
    const pages = new MachinePages({ kernel, shards, board, image, distance, setAlarm, used });
    this.#pages = pages;
    this.pages = new PagesDoor(pages, scheduler);
    const fresh = this.#freshZones;
    const memory = new MemoryHotplug(shards, board, this.#physical, this.parameters, options, pages, image, fresh);
    this.#memory = memory;
    this.#lock.onHold = () => fresh.ran();
    const passLoads = (): Promise<void> => pages.loads.pass();
    this.#states = new StateChanges({ kernel, shards, memory, scheduler, lock: this.#lock, passLoads });
    const queue = createWorkQueue(scheduler, this.#lock);
    this.#bus = createAcpiBus(this, memory, { lock: this.#lock, queue }, options.acpiNoMemhotplug, image);
    this.acpi = this.#bus.acpi;
    this.#time = new TimeByHand({
      scheduler,
      lock: this.#lock,
      nowNs: () => shards.clock.nowNs,
      afterwards: () => this.pages.loads.pass(),
    });
    scheduler.onDry = () => new StuckError(`nothing is left that could let it go on:\n${this.waiting()}`);
    this.#kernelFiles = kernelFiles(this, pages, this.#states, this.#written, image.injection);
    const added = this.devices.files;
    this.#files = createTree(this.#kernelFiles, {
      ...(board.platform.announces === "acpi" ? { acpi: createAcpiViews(this.acpi) } : {}),
      ...(added === undefined ? {} : { added }),
    });
    this.#faultDraws = new Prng(image.faults?.draws ?? image.seed ^ FAULTS);
    this.faults = new FileFaults(() => this.#faultDraws.next(), image.faults?.files);
    const reads = faultyReads(this.#files, this.faults);
    this.files = {
      ...reads,
      write: (path, data, caller = {}) =>
        checkedTask(
          "files.write",
          () => checkWrite("files.write", path, data, caller),
          () => this.#start(`write to ${path}`, () => this.#files.write(path, data, caller), caller),
        ),
      readRange: (path, offset, length) =>
        checkedTask(
          "files.readRange",
          () => checkRead("files.readRange", path, offset, length),
          () => this.#start(`read of ${path}`, () => reads.readRange(path, offset, length)),
        ),
    };
  }

  #freshZonesOf({ freshZones }: Pick<MachineImage, "freshZones">): FreshZones {
    const { shards, board } = this;
    const take = (block: number, node: number) => shards.work([{ op: "kernel_page", node, block }]);
    const busyNodes = new Set(board.layout.nodes.flatMap(({ node, cpus }) => (cpus.length > 0 ? [node] : [])));
    const takes = board.kernel.machine.freshZone === "kernel-takes-first";
    return new FreshZones({ map: shards.map, busyNodes, take }, takes, freshZones);
  }

  /**
   * From now on only `markUnmovable` says where kernel pages lie in memory that is added: for who knows it, as of a recorded run.
   * An image does not remember it.
   */
  ownKernelPages(): void {
    this.#freshZones.enabled = false;
  }

  /** A program of the guest has run, and the kernel for it. */
  async programRan(): Promise<void> {
    if (this.#freshZones.isPending) await this.#start("a program", () => this.#freshZones.ran());
  }

  /** Memory of devices that the kernel did not take at boot; of a machine that goes on from an image the image's boot knows. */
  get bootRefusals(): readonly BootRefusal[] {
    return this.#bootRefusals;
  }

  get autoOnline(): AutoOnline {
    return this.#memory.autoOnline;
  }
  /** @throws RangeError for a word that auto_online_blocks does not take. */
  set autoOnline(value: AutoOnline) {
    oneOf("autoOnline", value, autoOnlineWords);
    this.#memory.autoOnline = value;
  }
  get iomem(): Iomem {
    return this.#physical.iomem;
  }
  get firmwareMemmap(): readonly MemmapEntry[] {
    return this.#physical.firmwareMemmap;
  }
  get pageSize(): number {
    return 2 ** this.board.arch.pageShift;
  }
  get map(): MemoryMap {
    return this.shards.map;
  }
  /** Zones of a node that its kernel lists. */
  zonesOf({ zones }: NodeMemory): readonly Zone[] {
    return zones.filter(({ index }) => hasZone(this.map.arch, index, this.kernel.sysfs.deviceZone));
  }
  get nowNs(): number {
    return this.shards.clock.nowNs;
  }

  /** Hears many events at once, in the order of the stream: those of bulk work stay numbers until they are read. */
  listenToStream(listener: StreamListener): () => void {
    callable("listenToStream", listener);
    return this.shards.clock.listenToStream(listener);
  }

  /** Hears every event in the order of the stream. @returns a function that ends it. */
  listen(listener: (event: SimEvent) => void): () => void {
    callable("listen", listener);
    return this.shards.clock.listen(listener);
  }

  /** A memory block as its files show it; undefined where there is none. */
  blockView(id: number): BlockView | undefined {
    return this.#kernelFiles.block(id);
  }

  /** Chooses which kinds of events are made at all. */
  setWants(wants: EventWants): void {
    record("setWants", wants);
    this.shards.wants = wants;
  }

  /**
   * Lets simulated time pass; work that waits goes on meanwhile, and loads live.
   * @throws RangeError for anything but whole nanoseconds from 0.
   */
  wait(ns: number): Promise<void> {
    const waited = this.#time.wait(ns);
    return ns !== 0 && this.#freshZones.isPending ? waited.then(() => this.programRan()) : waited;
  }

  /**
   * Lets simulated time pass until something that this machine does has ended, but no longer than so many nanoseconds. Work
   * that is not done by then stands still until time passes again: that is how something runs in the background.
   * @returns false where the time was over first.
   * @throws RangeError for anything but whole nanoseconds from 0, or Infinity; StuckError where time would pass for ever.
   */
  passUntil(task: Task<unknown>, atMostNs: number): Promise<boolean> {
    return this.#time.until(task, atMostNs);
  }

  /**
   * Time passes as fast as the work goes until a task has ended. Like awaiting it, but what can never end is an error.
   * @throws StuckError with what waits for what, where nothing that is under way could ever end it.
   */
  finish(task: Task<unknown>): Promise<void> {
    return this.#time.finish(task);
  }

  /** True while something runs, or waits, that time must pass for. */
  get isBusy(): boolean {
    return this.#lock.holder !== undefined;
  }

  /** Stops the clock: what begins from now on runs only while time passes. It goes again when nobody works any more. */
  holdTime(): void {
    this.#time.hold();
  }

  /** Stops the clock for whoever lets it pass from now on: by hand, or live. */
  takeClock(): void {
    this.#time.hold(true);
  }

  /** The clock goes as fast as the work does, as in a machine that nobody holds. */
  giveClockBack(): void {
    this.#time.release();
  }

  /** What waits for what, a line for each; empty where nothing waits. */
  waiting(): string {
    return waitingText(this.#scheduler, this.#lock);
  }

  #start<T>(name: string, body: () => Promise<T>, caller: Caller = {}): Task<T> {
    return this.#scheduler.start(caller.name ?? name, body, caller);
  }

  /** Work of the kernel under the hotplug lock. */
  #locked<T>(name: string, body: () => Promise<T>, caller: Caller = {}): Task<T> {
    return this.#start(name, () => this.#lock.run(body), caller);
  }

  /** What the host program does while nobody of the machine is at work. */
  #lockedFromOutside<T>(name: string, body: () => Promise<T>): Task<T> {
    return this.#start(name, () => this.#lock.runFromOutside(body));
  }

  /** Onlines one block as a write to `state` does. */
  online(block: number, type: OnlineType | "remembered", caller: Caller = {}): Task<Result<Change>> {
    return checkedTask(
      "online",
      () => {
        checkBlock("online: block", block);
        oneOf("online: type", type, [...onlineTypes, "remembered"]);
        checkCaller("online: caller", caller);
      },
      () => this.#start(`online of block ${block}`, () => this.#states.online(block, type, caller), caller),
    );
  }

  /** Offlines one block. Without a signal's time the caller loses patience after two minutes: later kernels never give up. */
  offline(block: number, caller: Caller = {}): Task<Result<Change>> {
    return checkedTask(
      "offline",
      () => {
        checkBlock("offline: block", block);
        checkCaller("offline: caller", caller);
      },
      () => this.#start(`offline of block ${block}`, () => this.#states.offline(block, caller), caller),
    );
  }

  /** A signal reaches whoever holds the hotplug lock now. To signal one caller, abort the `signal` that it came with. */
  signal(): Task<void> {
    return this.#start("signal", () => this.shards.interrupt());
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
      () => {
        oneOf("bulk: op", op, ["online", "offline"]);
        checkBlocks("bulk: blocks", blocks);
        oneOf("bulk: type", type, onlineTypes);
        checkCaller("bulk: caller", caller);
      },
      () => {
        const own = [...blocks];
        return this.#start(`${op} of ${own.length} blocks`, () => this.#states.bulk(op, own, type, caller), caller);
      },
    );
  }

  /** Tells the engine that blocks hold kernel pages, or that they do not any more. */
  markUnmovable(blocks: readonly number[], unmovable: boolean): Task<void> {
    return checkedTask(
      "markUnmovable",
      () => {
        checkBlocks("markUnmovable: blocks", blocks);
        oneOf("markUnmovable: unmovable", unmovable, [true, false]);
      },
      () =>
        this.#locked("set_unmovable", async () => {
          checkPresent("markUnmovable: blocks", blocks, this.map);
          await this.shards.execute(
            blocks.map((block) => ({ op: "set_unmovable", node: this.map.blocks.node(block), block, unmovable })),
          );
        }),
    );
  }

  /** Adds a callback of the host program to the memory notifier chain. */
  registerNotifier(name: string, priority: number, callback: HostCallback): Task<void> {
    return checkedTask(
      "registerNotifier",
      () => {
        nonEmptyText("registerNotifier: name", name);
        checkInt("registerNotifier: priority", priority);
        callable("registerNotifier: callback", callback);
      },
      () =>
        this.#lockedFromOutside(`registration of ${name}`, async () => {
          await this.shards.registerNotifier(name, priority, callback);
          this.#notifiers.push({ name, priority });
        }),
    );
  }

  /** The door to the memory devices of one kind. @throws RangeError for a kind that the machine does not have. */
  device<Door>(type: DeviceType<Door>): Door {
    return this.devices.door(type);
  }

  /** Where the memory that was plugged in lies, by address. */
  pluggedMemory(): readonly DeviceMemory[] {
    return this.devices.memory();
  }

  /**
   * Attaches an inspector to the block actors of all workers: `inspect({ to: createBrowserInspector() })`.
   * Blocks that are not looked at are counted by node.
   */
  inspect(options: InspectOptions): Task<Inspection> {
    return checkedTask(
      "inspect",
      () => {
        record("inspect", options);
        if (options.limit !== undefined) wholeNumber("inspect: limit", options.limit);
      },
      () => this.#lockedFromOutside("inspect", () => this.shards.inspect(options)),
    );
  }

  /** One write(2) to a file, as part of the event stream: what the block tells, why the kernel refused, what write returned. */
  write(path: string, data: string, caller: Caller = {}): Task<WriteAnswer> {
    return checkedTask(
      "write",
      () => checkWrite("write", path, data, caller),
      () => this.#start(`write to ${path}`, () => this.#write(path, data, caller), caller),
    );
  }

  /** In the running thread. */
  async #write(path: string, data: string, caller: Caller): Promise<WriteAnswer> {
    const answer = (await this.#strike(path, caller)) ?? (await this.#files.write(path, data, caller));
    // A block's own refusal is in the stream already; the file system's is not.
    if (answer.refusal !== undefined && answer.told !== true) this.#tell(answer.refusal, caller);
    const errno = answer.openErrno === 0 ? answer.errno : answer.openErrno;
    const by = caller.name === undefined ? {} : { by: caller.name };
    this.emit({ type: "file_write", path, data, ret: answer.ret, errno, ...by });
    return answer;
  }

  /** What a write meets on purpose before the kernel hears of it. */
  async #strike(path: string, caller: Caller): Promise<WriteAnswer | undefined> {
    const strike = this.faults.isEmpty ? undefined : this.faults.strike("write", path);
    if (strike === undefined) return undefined;
    if (!(await this.#sleep(strike.delayNs, caller))) return { openErrno: 0, ret: -1, errno: "EINTR" };
    const { refusal } = strike;
    return refusal === undefined ? undefined : { openErrno: 0, ret: -1, errno: refusal.errno, refusal };
  }

  /** Lets simulated time pass for the running thread. @returns false for a caller who was gone first. */
  async #sleep(ns: number, { name = "somebody", signal }: Caller): Promise<boolean> {
    if (ns > 0 && signal?.aborted !== true) {
      const atNs = this.nowNs + ns;
      let leave = (): void => {};
      await this.#scheduler.wait(
        () => `simulated time to pass ${atNs} ns`,
        (wake) => {
          leave = wake;
          signal?.addEventListener("abort", wake);
          this.#scheduler.setAlarm({ atNs, name: `${name} wakes up`, ring: async () => wake() });
        },
      );
      signal?.removeEventListener("abort", leave);
    }
    return signal?.aborted !== true;
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
    wholeNumber("at: atNs", atNs, { unit: "nanoseconds" });
    nonEmptyText("at: name", name);
    callable("at: run", run);
    const caller: Caller = { name };
    const ring = (): Promise<void> => run((path, data) => this.#write(path, data, caller));
    this.#scheduler.setAlarm({ atNs, name, ring });
  }

  #tell(refusal: Refusal, { name }: Caller): void {
    this.emit({ type: "refusal", refusal, ...(name === undefined ? {} : { by: name }) });
  }

  /** Settles when the kernel has done what firmware and `eject` files asked for. */
  idle(): Task<void> {
    return this.#start("whoever waits for firmware", () => this.acpi.idle());
  }

  /**
   * Writes the machine down, at rest: `start` goes on from there.
   * @throws NotQuietError while anything is under way or waits, KernelBug where the kernel is dead.
   */
  async snapshot(): Promise<MachineImage> {
    assertQuiet({ lock: this.#lock, acpi: this.acpi, scheduler: this.#scheduler });
    const { kernel, config, seed } = this.#image;
    const memory = await this.#start("snapshot", () => this.shards.snapshot());
    return {
      format: IMAGE_FORMAT,
      kernel,
      ...(config === undefined ? {} : { config }),
      stage: "running",
      spec: this.spec,
      board: boardImage(this.board),
      seed,
      memory,
      physical: this.#physical.snapshot(),
      memmapHomes: this.#memory.memmapHomes,
      freshZones: this.#freshZones.snapshot(),
      parameters: { ...this.parameters },
      autoOnline: this.autoOnline,
      injection: this.shards.injection ?? null,
      notifiers: [...this.#notifiers],
      acpi: this.acpi.snapshot(),
      groups: this.#bus.groups,
      devices: this.devices.snapshot(),
      monitor: snapshotMonitor(this.monitor),
      loads: this.#pages.loads.snapshot(),
      ...this.#faultsImage(),
      written: { ...this.#written, autoprobe: { ...this.#written.autoprobe } },
    };
  }

  /** Nothing while nobody ever made a file fail. */
  #faultsImage(): Pick<MachineImage, "faults"> {
    const files = this.faults.snapshot();
    return files === undefined ? {} : { faults: { draws: this.#faultDraws.state, files } };
  }

  /** Blocks that have a device in /sys, ascending; without CONFIG_MEMORY_HOTPLUG none has. */
  blockDevices(): Iterable<number> {
    return this.kernel.config.MEMORY_HOTPLUG ? this.map.blocks.ids() : [];
  }

  /** Ends the workers. */
  close(): Promise<void> {
    return this.shards.close();
  }

  /** What the kernel does at boot once memory is set up: hugepage pools, and the devices that are there. */
  finishBoot(): Task<void> {
    return this.#start("boot", async () => {
      await this.#bootHugepages();
      await this.#scanDevices();
    });
  }

  /** `hugepages=` and `hugepagesz=`. */
  async #bootHugepages(): Promise<void> {
    if (!this.kernel.config.HUGETLBFS) return;
    const options = parseBootOptions(this.spec.cmdline);
    const { defaultKb } = hugepageSizes(this.kernel, this.board.arch, this.spec, options);
    for (const { sizeKb = defaultKb, count } of options.hugepages)
      await this.#pages.setHugepages(undefined, sizeKb, count);
  }

  /** Boot-time scan of the ACPI namespace, with the devices that are there. */
  async #scanDevices(): Promise<void> {
    const autoOnline = this.autoOnline;
    if (this.spec.devicesStartOffline === true) this.autoOnline = "offline";
    for (const device of this.devices.all()) device.boot?.();
    this.#isScanning = true;
    await this.acpi.boot();
    this.#isScanning = false;
    this.autoOnline = autoOnline;
  }

  memoryRefused({ start, size }: MemoryRange, refusal: Refusal): void {
    // EEXIST is success: the memory is there from boot.
    if (!this.#isScanning || refusal.errno === "EEXIST") return;
    const device = this.devices.memory().find(({ addr }) => addr === start);
    this.#bootRefusals.push({ device: device?.id ?? `0x${start.toString(16)}`, sizeBytes: size, refusal });
  }

  /** What the machine gives to its devices. */
  #deviceHost(roomBytes: number): Omit<DeviceHost, "others"> {
    const { board, spec } = this;
    const acpi = (): Acpi => this.acpi;
    const dlpar = (): DlparPort | undefined =>
      board.platform.announces === "dlpar"
        ? dlparOf(this.#memory, board.blockSizeBytes, (text) => this.log(text))
        : undefined;
    return {
      board: {
        window: deviceWindow(board.platform, spec, board.devices),
        slots: spec.slots,
        resourceDevices: board.platform.resourceDevices,
        unitBytes: board.platform.announces === "dlpar" ? board.blockSizeBytes : undefined,
        nodes: 1 + Math.max(-1, ...spec.nodes.map(({ id }) => id)),
        roomBytes,
      },
      get acpi() {
        return acpi();
      },
      get dlpar() {
        return dlpar();
      },
      start: (name, body, caller) => this.#start(name, body, caller),
      underLock: (body) => this.#lock.run(body),
      notify: async ({ id, path }, value, caller = {}) => {
        await this.#freshZones.ran();
        this.emit({ type: "acpi_notify", device: id, value });
        const outcome = await this.acpi.hotplug(path, value);
        for (const refusal of outcome.untold) this.#tell(refusal, caller);
        return outcome;
      },
      emit: (body) => this.emit(body),
      tell: (refusal, caller = {}) => this.#tell(refusal, caller),
    };
  }

  /** A write to /sys/kernel/dlpar, where the platform has it. */
  get dlpar(): ((text: string) => Promise<Result<void>>) | undefined {
    const { board } = this;
    if (board.platform.announces !== "dlpar") return undefined;
    const log = (text: string): void => this.log(text);
    const lmbBytes = board.blockSizeBytes;
    const lmbs = () => this.#lmbs(lmbBytes);
    const dlpar = dlparOf(this.#memory, lmbBytes, log);
    return (text) => this.#lock.run(() => dlparRequest({ dlpar, lmbBytes, lmbs, log }, text));
  }

  /** The logical memory blocks of all devices. */
  #lmbs(size: number): { readonly start: number; readonly node: number; readonly isAssigned: boolean }[] {
    return this.devices.memory().flatMap(({ addr, sizeBytes, node = 0 }) =>
      Array.from({ length: sizeBytes / size }, (_, i) => {
        const start = addr + i * size;
        return { start, node, isAssigned: this.#memory.blocksOf({ start, size }).length > 0 };
      }),
    );
  }

  /** A write to `probe`. */
  probe(address: number, caller: Caller = {}): Task<Result<void>> {
    return checkedTask(
      "probe",
      () => {
        checkAddress("probe: address", address);
        checkCaller("probe: caller", caller);
      },
      () => this.#start("probe", () => this.#states.probe(address, caller), caller),
    );
  }

  /** add_memory and add_memory_driver_managed for code inside the kernel. */
  add(range: MemoryRange, options: AddMemoryOptions): Task<Result<void>> {
    return checkedTask(
      "add",
      () => {
        checkRange("add: range", range);
        record("add: options", options);
        // The kernel's `int nid`: it refuses -1 itself (6.1: l_add_memory_errnos).
        checkInt("add: options.node", options.node);
        if (options.group !== undefined) wholeNumber("add: options.group", options.group, { most: 2 ** 31 - 1 });
        if (options.resourceName !== undefined) text("add: options.resourceName", options.resourceName);
      },
      () => this.#locked("add_memory", () => this.#memory.addNamed(range, options)),
    );
  }

  /** remove_memory for code inside the kernel. @throws KernelBug where the kernel would not survive it (facts §5.2). */
  remove(range: MemoryRange): Task<Result<void>> {
    return checkedTask(
      "remove",
      () => checkRange("remove: range", range),
      () => this.#locked("remove_memory", () => this.#withdraw(range, () => this.#memory.removeIfOffline(range))),
    );
  }

  /** offline_and_remove_memory for code inside the kernel. */
  offlineAndRemove(range: MemoryRange): Task<Result<void>> {
    return checkedTask(
      "offlineAndRemove",
      () => checkRange("offlineAndRemove: range", range),
      () =>
        this.#locked("offline_and_remove_memory", () =>
          this.#withdraw(range, () => this.#memory.offlineAndRemove(range)),
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
    return this.#memory.blocksOf(range);
  }

  /** Loads memory-notifier-error-inject: its callback joins the chain and its debugfs files appear. */
  loadErrorInjection(priority: number): void {
    checkInt("loadErrorInjection: priority", priority);
    this.#kernelFiles.loadErrorInjection(priority, this.#notifiers.length);
  }
  unloadErrorInjection(): void {
    this.#kernelFiles.unloadErrorInjection();
  }

  firmwareNode(block: number): string | undefined {
    const devpath = this.acpi.companionOf(block)?.node.devpath;
    return devpath === undefined ? undefined : `../../..${devpath.slice("/devices".length)}`;
  }

  emit(body: EventBody): void {
    this.shards.emit(body);
  }

  log(text: string): void {
    this.shards.emit({ type: "log", level: 6, text });
  }
}
