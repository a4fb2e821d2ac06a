import type { EventBody, OnlineType, Refusal, Result, SimEvent } from "@memhp/abi";
import {
  type Acpi,
  createAcpiViews,
  type HotplugOutcome,
  type MemoryRange,
  NOTIFY_DEVICE_CHECK,
  NOTIFY_EJECT_REQUEST,
  slitDistance,
  trustedSlit,
} from "@memhp/acpi";
import type { MemoryMap } from "@memhp/engine";
import type { BlockOutcome, EventWants, NodeRequest } from "@memhp/hotplug";
import type { Inspection } from "@memhp/inspect";
import { deviceNotFound, type QmpResult } from "@memhp/qmp";
import { type Change, createTree, type Tree, type WriteAnswer, type Written } from "@memhp/sysfs";
import { type AcpiBus, createAcpiBus, type OstRecord } from "./ports/acpi-bus.ts";
import { type Board, dimmWindow } from "./board/board.ts";
import { type AutoOnline, type HotplugParameters, parseBootOptions } from "./spec/boot-options.ts";
import { Containers, type ContainerNotify, ejectContainer, insertContainer } from "./board/containers.ts";
import { type Dimm, type DimmRequest, DimmSlots } from "./board/dimm-slots.ts";
import type { HostCallback, InspectOptions, ShardSet } from "@memhp/shards";
import { HotplugLock } from "./time/hotplug-lock.ts";
import type { Iomem } from "./kernel/iomem.ts";
import { kernelFiles } from "./ports/kernel-files.ts";
import { MachinePages } from "./pages/machine-pages.ts";
import { type AddMemoryOptions, MemoryHotplug, type Patience } from "./kernel/memory-hotplug.ts";
import { assertQuiet } from "./image/quiet.ts";
import { boardImage } from "./image/board-image.ts";
import { IMAGE_FORMAT, type MachineImage } from "./image/machine-image.ts";
import { type MonitorState, restoreMonitor, snapshotMonitor } from "./image/monitor-image.ts";
import { type MemmapEntry, PhysicalMemory } from "./kernel/physical-memory.ts";
import { PassingTime } from "./time/passing-time.ts";
import { type MachineSpec, SpecError } from "./spec/spec.ts";
import { type Writer, writerGone } from "./time/writer.ts";
import type { Kernel } from "@memhp/kernels";

/** Result of a change to many blocks. */
export interface BulkResult {
  readonly requested: number;
  readonly changed: number;
  readonly refused: readonly Refusal[];
}

/** How long somebody who offlines a block waits for it. */
const PATIENCE_NS = 120e9;

/** 4.1 gives up by itself (facts §4.1 step 6), so nobody need signal its writer. */
function patienceOf(kernel: Kernel, { signalAtNs }: Writer): Patience {
  if (signalAtNs !== undefined) return { signalAtNs };
  return kernel.pages.offlineRetries === "bounded" ? {} : { patienceNs: PATIENCE_NS };
}

/** A whole simulated computer. All its operations wait for the hotplug lock; reads do not. */
export class Machine {
  readonly kernel: Kernel;
  readonly spec: MachineSpec;
  readonly board: Board;
  readonly core: ShardSet;
  readonly dimms: DimmSlots;
  readonly containers: Containers;
  /** /sys/module/memory_hotplug/parameters; what is written there counts from then on. */
  readonly parameters: HotplugParameters;
  /** Pages and who uses them. */
  readonly pages: MachinePages;
  readonly #physical: PhysicalMemory;
  readonly #memory: MemoryHotplug;
  /** /sys, /proc and debugfs of the machine. */
  readonly files: Tree;
  readonly #kernelFiles: ReturnType<typeof kernelFiles>;
  readonly #written: Written;
  /** Last _OST of each DIMM slot. */
  readonly ostOfSlot: Map<number, OstRecord>;
  /** What QEMU's monitor keeps beside the guest. */
  readonly monitor: MonitorState;
  readonly #lock = new HotplugLock();
  readonly #passing: PassingTime;
  /** The kernel's ACPI code: devices, notify queue, containers. */
  readonly acpi: Acpi;
  readonly #bus: AcpiBus;
  readonly #image: Pick<MachineImage, "kernel" | "seed">;
  readonly #notifiers: { readonly name: string; readonly priority: number }[] = [];

  /** Use `bootMachine`, or `start` for an image. */
  constructor(image: MachineImage, board: Board, core: ShardSet, parameters: HotplugParameters) {
    const { spec } = image;
    const { kernel } = board;
    this.#image = image;
    this.ostOfSlot = new Map(image.ost);
    this.monitor = restoreMonitor(image.monitor);
    this.#written = { ...image.written, autoprobe: { ...image.written.autoprobe } };
    const options = parseBootOptions(spec.cmdline);
    this.kernel = kernel;
    this.spec = spec;
    this.board = board;
    this.core = core;
    this.parameters = parameters;
    const roomForDimms = Math.max(0, spec.maxMemoryBytes - spec.memoryBytes);
    this.containers = new Containers(spec);
    this.dimms = new DimmSlots(
      dimmWindow(spec),
      spec.slots,
      spec.nodes.length,
      roomForDimms,
      this.containers,
      image.dimms,
    );
    this.#physical = new PhysicalMemory(spec, image.physical);
    const slit = trustedSlit(spec.distances);
    const distance = (from: number, to: number): number => slitDistance(slit, from, to);
    this.pages = new MachinePages({ kernel, core, board, image, distance });
    this.#memory = new MemoryHotplug(core, board, this.#physical, this.parameters, options, this.pages, image);
    this.#bus = createAcpiBus(this, this.#memory, this.#lock, options.acpiNoMemhotplug, image);
    this.acpi = this.#bus.acpi;
    this.#passing = new PassingTime(core, this.#lock, () => this.pages.loads.pass());
    this.#kernelFiles = kernelFiles(this, this.#written, image.injection);
    this.files = createTree(this.#kernelFiles, { acpi: createAcpiViews(this.acpi) });
  }

  get autoOnline(): AutoOnline {
    return this.#memory.autoOnline;
  }
  set autoOnline(value: AutoOnline) {
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
    return this.core.map;
  }
  get nowNs(): number {
    return this.core.timeline.nowNs;
  }

  /** Hears every event in the order of the stream. @returns a function that ends it. */
  listen(listener: (event: SimEvent) => void): () => void {
    return this.core.timeline.listen(listener);
  }

  /** Chooses which kinds of events are made at all. */
  setWants(wants: EventWants): void {
    this.core.wants = wants;
  }

  /** Lets simulated time pass; work that waits goes on meanwhile, and loads live. */
  wait(ns: number): Promise<void> {
    return this.#passing.wait(ns);
  }

  /**
   * Lets simulated time pass until a promise of this machine settles, but no longer than so many nanoseconds. Work that is
   * not done by then stands still until time passes again: that is how something runs in the background.
   * @returns false where the time was over first.
   */
  passUntil(promise: Promise<unknown>, atMostNs: number): Promise<boolean> {
    return this.#passing.until(promise, atMostNs);
  }

  /** True while something runs, or waits, that time must pass for. */
  get isBusy(): boolean {
    return !this.#lock.isFree;
  }

  /** Stops the clock: what begins from now on runs only while time passes. */
  holdTime(): void {
    this.#passing.hold();
  }

  /** Onlines one block as a write to `state` does. */
  online(block: number, type: OnlineType | "planted", writer: Writer = {}): Promise<Result<Change>> {
    return this.#lock.run(async () => writerGone(writer, block) ?? this.#memory.online(block, type));
  }

  /** Offlines one block. Without a signal's time the writer loses patience after two minutes: later kernels never give up. */
  offline(block: number, writer: Writer = {}): Promise<Result<Change>> {
    return this.#lock.run(async () => {
      await this.pages.loads.pass();
      return writerGone(writer, block) ?? this.#memory.offline(block, patienceOf(this.kernel, writer));
    });
  }

  /** Who writes to the file that is being written now. */
  writer: Writer = {};

  /** A signal reaches those who write to `state` files now. */
  signal(): Promise<void> {
    return this.core.interrupt();
  }

  /** Onlines or offlines many blocks; nodes run beside each other. */
  bulk(
    op: "online" | "offline",
    blocks: readonly number[],
    type: OnlineType = "online",
    writer: Writer = {},
  ): Promise<BulkResult> {
    return this.#lock.run(async () => {
      const gone = blocks.map((block) => writerGone(writer, block)).filter((result) => result !== undefined);
      if (gone.length > 0) return { requested: blocks.length, changed: 0, refused: gone.map(({ refusal }) => refusal) };
      await this.pages.loads.pass();
      const perNode = new Map<number, number[]>();
      for (const block of blocks) {
        const node = this.map.blocks.node(block);
        const list = perNode.get(node);
        if (list === undefined) perNode.set(node, [block]);
        else list.push(block);
      }
      const requests = [...perNode]
        .sort(([a], [b]) => a - b)
        .map(([node, list]): NodeRequest =>
          op === "online"
            ? { op, node, blocks: list, type }
            : { op, node, blocks: list, ...patienceOf(this.kernel, writer) },
        );
      const results = await this.core.execute(requests);
      const outcomes: BlockOutcome[] = results.flatMap((result) => ("outcomes" in result ? result.outcomes : []));
      return {
        requested: blocks.length,
        changed: outcomes.filter((outcome) => outcome.ok).length,
        refused: outcomes
          .flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal]))
          .sort((a, b) => (a.block ?? 0) - (b.block ?? 0)),
      };
    });
  }

  /** Tells the engine that blocks hold kernel pages, or that they do not any more. */
  markUnmovable(blocks: readonly number[], unmovable: boolean): Promise<void> {
    return this.#lock.run(async () => {
      await this.core.execute(
        blocks.map((block) => ({ op: "mark_unmovable", node: this.map.blocks.node(block), block, unmovable })),
      );
    });
  }

  /** Adds a callback of the host program to the memory notifier chain. */
  registerNotifier(name: string, priority: number, callback: HostCallback): Promise<void> {
    return this.#lock.run(async () => {
      await this.core.registerNotifier(name, priority, callback);
      this.#notifiers.push({ name, priority });
    });
  }

  /** Plugs a DIMM in and lets firmware tell the kernel. */
  async dimmAdd(request: DimmRequest): Promise<QmpResult<Dimm>> {
    // The board has it at once; a kernel that is busy hears of it later (n_add_waits).
    const plugged = this.dimms.plug(request, true);
    if (plugged.ok) {
      await this.#lock.run(() => this.#insert(plugged.value));
    } else {
      const full = this.dimms.refuseFull(request);
      if (full !== undefined) this.core.emit({ type: "refusal", refusal: full });
    }
    return plugged;
  }

  /** Asks the kernel to give a DIMM back; the outcome is in `_OST` and the events. */
  dimmDel(id: string): Promise<QmpResult<HotplugOutcome & { readonly ok: boolean }>> {
    return this.#lock.run(async () => {
      const dimm = this.dimms.get(id);
      if (dimm === undefined) return deviceNotFound(id);
      this.core.emit({ type: "acpi_notify", device: id, value: NOTIFY_EJECT_REQUEST });
      const { value: outcome, told } = await this.#hearRefusals(() =>
        this.acpi.hotplug(this.#bus.pathOf(dimm.slot), NOTIFY_EJECT_REQUEST),
      );
      if (!told) for (const refusal of outcome.refusals) this.core.emit({ type: "refusal", refusal });
      return { ok: true, value: { ...outcome, ok: outcome.errno === 0 } };
    });
  }

  /** Inserts a container with all that is in it, and lets firmware tell the kernel: bus check or device check. */
  containerAdd(id: string, notify: ContainerNotify): Promise<Result<HotplugOutcome>> {
    return this.#lock.run(() => insertContainer(this, id, notify));
  }

  /** Asks the kernel to give a container back: EBUSY until userspace has taken its members and itself offline. */
  containerEject(id: string): Promise<Result<HotplugOutcome>> {
    return this.#lock.run(() => ejectContainer(this, id));
  }

  /** Where the memory that was plugged in lies, by address: DIMMs, and what is in containers. */
  pluggedMemory(): { readonly id: string; readonly addr: number; readonly sizeBytes: number }[] {
    return [...this.dimms.list(), ...this.containers.insertedMemory(this.acpi.namespace)].sort(
      (a, b) => a.addr - b.addr,
    );
  }

  /**
   * Attaches an inspector to the block actors of all workers: `inspect({ to: createBrowserInspector() })`.
   * Blocks that are not looked at are counted by node.
   */
  inspect(options: InspectOptions): Promise<Inspection> {
    return this.#lock.run(() => this.core.inspect(options));
  }

  /** One write(2) to a file, as part of the event stream: what the block tells, why the kernel refused, what write returned. */
  async write(path: string, data: string, writer: Writer = {}): Promise<WriteAnswer> {
    const { value: answer, told } = await this.#hearRefusals(() => {
      // The kernel port is called before the first await, so it sees who writes.
      this.writer = writer;
      const pending = this.files.write(path, data);
      this.writer = {};
      return pending;
    });
    // A block's own refusal is in the stream already; the file system's is not.
    if (answer.refusal !== undefined && !told) this.emit({ type: "refusal", refusal: answer.refusal });
    const errno = answer.openErrno === 0 ? answer.errno : answer.openErrno;
    this.emit({ type: "file_write", path, data, ret: answer.ret, errno });
    return answer;
  }

  /** Does something, and says whether the event stream told of a refusal meanwhile. */
  async #hearRefusals<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly told: boolean }> {
    let told = false;
    const stop = this.listen((event) => {
      told ||= event.type === "refusal";
    });
    try {
      const value = await work();
      return { value, told };
    } finally {
      stop();
    }
  }

  /** Settles when the kernel has done what firmware and `eject` files asked for. */
  idle(): Promise<void> {
    return this.acpi.idle();
  }

  /**
   * Writes the machine down, at rest: `start` goes on from there.
   * @throws NotQuietError while anything is under way or waits, KernelBug where the kernel is dead.
   */
  async snapshot(): Promise<MachineImage> {
    assertQuiet({ lock: this.#lock, acpi: this.acpi, core: this.core });
    const { kernel, seed } = this.#image;
    return {
      format: IMAGE_FORMAT,
      kernel,
      stage: "running",
      spec: this.spec,
      board: boardImage(this.board),
      seed,
      memory: await this.core.snapshot(),
      physical: this.#physical.snapshot(),
      memmapHomes: this.#memory.memmapHomes,
      parameters: { ...this.parameters },
      autoOnline: this.autoOnline,
      injection: this.core.injection ?? null,
      notifiers: [...this.#notifiers],
      acpi: this.acpi.snapshot(),
      groups: this.#bus.groups,
      dimms: this.dimms.snapshot(),
      ost: [...this.ostOfSlot],
      monitor: snapshotMonitor(this.monitor),
      loads: this.pages.loads.snapshot(),
      written: { ...this.#written, autoprobe: { ...this.#written.autoprobe } },
    };
  }

  /** Ends the workers. */
  close(): Promise<void> {
    return this.core.close();
  }

  /** What the kernel does at boot once memory is set up: hugepage pools, and the devices that are there. */
  async finishBoot(): Promise<void> {
    await this.#bootHugepages();
    await this.#plugColdDimms();
  }

  /** `hugepages=` and `hugepagesz=`. */
  async #bootHugepages(): Promise<void> {
    const { hugepages } = parseBootOptions(this.spec.cmdline);
    const pageblockKb = (2 ** this.board.arch.pageblockOrder * this.pageSize) / 1024;
    for (const { sizeKb = pageblockKb, count } of hugepages) await this.pages.setHugepages(undefined, sizeKb, count);
  }

  /** Boot-time scan of the ACPI namespace: DIMMs that are not in the firmware's memory map are added (observed-4.1 §2). */
  async #plugColdDimms(): Promise<void> {
    const autoOnline = this.autoOnline;
    if (this.spec.coldDimmsOffline === true) this.autoOnline = "offline";
    for (const cold of this.spec.coldDimms) {
      const plugged = this.dimms.plug(cold, false);
      if (!plugged.ok) throw new SpecError(`machine: DIMM ${cold.id}: ${plugged.error.desc}`);
      this.#bus.fill(plugged.value);
    }
    await this.acpi.boot();
    this.autoOnline = autoOnline;
  }

  async #insert(dimm: Dimm): Promise<void> {
    this.#bus.fill(dimm);
    this.core.emit({ type: "acpi_notify", device: dimm.id, value: NOTIFY_DEVICE_CHECK });
    const outcome = await this.acpi.hotplug(this.#bus.pathOf(dimm.slot), NOTIFY_DEVICE_CHECK);
    for (const refusal of outcome.refusals) this.core.emit({ type: "refusal", refusal });
  }

  /** A write to `probe`. */
  probe(address: number): Promise<Result<void>> {
    return this.#lock.run(() => this.#memory.probe(address));
  }

  /** add_memory and add_memory_driver_managed for code inside the kernel. */
  add(range: MemoryRange, options: AddMemoryOptions): Promise<Result<void>> {
    return this.#lock.run(() => this.#memory.addNamed(range, options));
  }

  /** remove_memory for code inside the kernel. @throws KernelBug where the kernel would not survive it (facts §5.2). */
  remove(range: MemoryRange): Promise<Result<void>> {
    return this.#lock.run(() => this.#withdraw(range, () => this.#memory.removeIfOffline(range)));
  }

  /** offline_and_remove_memory for code inside the kernel. */
  offlineAndRemove(range: MemoryRange): Promise<Result<void>> {
    return this.#lock.run(() => this.#withdraw(range, () => this.#memory.offlineAndRemove(range)));
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
    return this.#memory.blocksOf(range);
  }

  /** Loads memory-notifier-error-inject: its callback joins the chain and its debugfs files appear. */
  loadErrorInjection(priority: number): void {
    this.#kernelFiles.loadErrorInjection(priority);
  }
  unloadErrorInjection(): void {
    this.#kernelFiles.unloadErrorInjection();
  }

  firmwareNode(block: number): string | undefined {
    const devpath = this.acpi.companionOf(block)?.node.devpath;
    return devpath === undefined ? undefined : `../../..${devpath.slice("/devices".length)}`;
  }

  emit(body: EventBody): void {
    this.core.emit(body);
  }

  log(text: string): void {
    this.core.emit({ type: "log", level: 6, text });
  }
}
