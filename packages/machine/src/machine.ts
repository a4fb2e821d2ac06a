import {
  done,
  type EventBody,
  type KernelProfile,
  kernelProfile,
  type OnlineType,
  type Refusal,
  refused,
  type Result,
  type SimEvent,
  ZONE_MOVABLE,
} from "@memhp/abi";
import {
  type Acpi,
  createAcpiViews,
  type HotplugOutcome,
  type MemoryRange,
  NOTIFY_DEVICE_CHECK,
  NOTIFY_EJECT_REQUEST,
} from "@memhp/acpi";
import { type AcpiBus, createAcpiBus, type OstRecord } from "./acpi-bus.ts";
import { BlockFlag, BlockState, type MemoryMap } from "@memhp/engine";
import type { BlockOutcome, EventWants, NodeRequest } from "@memhp/hotplug";
import { deviceNotFound, type QmpResult } from "@memhp/qmp";
import { createTree, type Tree, type WriteAnswer } from "@memhp/sysfs";
import { type Board, dimmWindow, firmwareMap, layOutBoard, pciWindow, physicalLimit } from "./board.ts";
import {
  type AutoOnline,
  bootAutoOnline,
  bootParameters,
  type HotplugParameters,
  parseBootOptions,
} from "./boot-options.ts";
import { type Dimm, type DimmRequest, DimmSlots } from "./dimm-slots.ts";
import { checkAdd } from "./hot-add.ts";
import type { Inspection } from "@memhp/inspect";
import { HotplugCore, type InspectOptions } from "./hotplug-core.ts";
import { HotplugLock } from "./hotplug-lock.ts";
import { Iomem } from "./iomem.ts";
import { kernelFiles } from "./kernel-files.ts";
import { createRemoteShard, type WorkerFactory } from "./remote-shard.ts";
import { createLocalShard, type HostCallback, type Shard } from "./shard.ts";
import { type MachineSpec, SpecError } from "./spec.ts";

export interface MachineOptions {
  readonly kernel: string | KernelProfile;
  /** Workers to spread the nodes over; 0 runs everything in this thread. */
  readonly workers?: number;
  /** How workers are started; needed where `workers` is not 0. */
  readonly workerFactory?: WorkerFactory;
  /** Blocks that hold kernel memory from boot on (`given` of a trace). */
  readonly unmovableBlocks?: readonly number[];
}

export interface AddMemoryOptions {
  readonly node: number;
  /** Memory group of a device; absent for memory that no device announced. */
  readonly group?: number;
  /** `System RAM`, or `System RAM (driver)` for driver-managed memory. */
  readonly resourceName?: string;
}

/** Result of a change to many blocks. */
export interface BulkResult {
  readonly requested: number;
  readonly changed: number;
  readonly refused: readonly Refusal[];
}

/** A whole simulated computer. All its operations wait for the hotplug lock; reads do not. */
export class Machine {
  readonly profile: KernelProfile;
  readonly spec: MachineSpec;
  readonly board: Board;
  readonly core: HotplugCore;
  readonly dimms: DimmSlots;
  readonly iomem: Iomem;
  /** /sys/firmware/memmap; bytes, end inclusive. */
  readonly firmwareMemmap: { start: number; end: number; type: string }[];
  readonly parameters: HotplugParameters;
  autoOnline: AutoOnline;
  /** /sys, /proc and debugfs of the machine. */
  readonly files: Tree;
  readonly #kernelFiles: ReturnType<typeof kernelFiles>;
  /** Last _OST of each DIMM slot. */
  readonly ostOfSlot: Map<number, OstRecord> = new Map();
  readonly #lock = new HotplugLock();
  /** The kernel's ACPI code: devices, notify queue, containers. */
  readonly acpi: Acpi;
  readonly #bus: AcpiBus;

  /** Use `bootMachine`. */
  constructor(
    profile: KernelProfile,
    spec: MachineSpec,
    board: Board,
    core: HotplugCore,
    parameters: HotplugParameters,
  ) {
    const options = parseBootOptions(spec.cmdline);
    this.profile = profile;
    this.spec = spec;
    this.board = board;
    this.core = core;
    this.parameters = parameters;
    this.autoOnline = bootAutoOnline(profile, options);
    this.dimms = new DimmSlots(
      dimmWindow(spec),
      spec.slots,
      spec.nodes.length,
      Math.max(0, spec.maxMemoryBytes - spec.memoryBytes),
    );
    this.iomem = new Iomem(physicalLimit(spec));
    for (const range of board.ram) this.iomem.insert(Math.max(range.start, this.pageSize), range.end, "System RAM");
    const reserved = profile.generation === "4.1" ? "reserved" : "Reserved";
    const firmware = firmwareMap(spec, options);
    for (const entry of firmware)
      if (entry.type === "Reserved") this.iomem.insert(entry.start, entry.end, reserved, false);
    const pci = pciWindow(spec);
    this.iomem.insert(pci.start, pci.end, "PCI Bus 0000:00", false);
    this.firmwareMemmap = firmware.map(({ start, end, type }) => ({
      start,
      end: end - 1,
      type: type === "Reserved" ? reserved : type,
    }));
    const ops = {
      offline: async (block: number) => changed(await this.#offlineLocked(block)),
      online: async (block: number) => changed(await this.#onlineLocked(block, "planted")),
    };
    this.#bus = createAcpiBus(this, this.#lock, ops, options.acpiNoMemhotplug);
    this.acpi = this.#bus.acpi;
    this.#kernelFiles = kernelFiles(this);
    this.files = createTree(this.#kernelFiles, { acpi: createAcpiViews(this.acpi) });
    // 4.1 was recorded with the module built in; later kernels load it (observed-4.1 §11, observed-6 §7).
    if (profile.generation === "4.1" && profile.config.MEMORY_NOTIFIER_ERROR_INJECT) this.loadErrorInjection(0);
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

  /** Lets simulated time pass while nothing happens. */
  wait(ns: number): Promise<void> {
    return this.#lock.run(async () => this.core.timeline.advanceTo(this.nowNs + ns));
  }

  /** Onlines one block as a write to `state` does. */
  online(block: number, type: OnlineType | "planted"): Promise<Result<"changed" | "unchanged">> {
    return this.#lock.run(() => this.#onlineLocked(block, type));
  }

  offline(block: number): Promise<Result<"changed" | "unchanged">> {
    return this.#lock.run(() => this.#offlineLocked(block));
  }

  /** Onlines or offlines many blocks; nodes run beside each other. */
  bulk(op: "online" | "offline", blocks: readonly number[], type: OnlineType = "online"): Promise<BulkResult> {
    return this.#lock.run(async () => {
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
          op === "online" ? { op, node, blocks: list, type } : { op, node, blocks: list },
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

  /** Tells the engine that a block holds kernel pages, or that it does not any more. */
  markUnmovable(block: number, unmovable: boolean): Promise<void> {
    return this.#lock.run(async () => {
      await this.core.execute([{ op: "mark_unmovable", node: this.map.blocks.node(block), block, unmovable }]);
    });
  }

  /** Adds a callback of the host program to the memory notifier chain. */
  registerNotifier(name: string, priority: number, callback: HostCallback): Promise<void> {
    return this.#lock.run(() => this.core.registerNotifier(name, priority, callback));
  }

  /** Plugs a DIMM in and lets firmware tell the kernel. */
  dimmAdd(request: DimmRequest): Promise<QmpResult<Dimm>> {
    return this.#lock.run(async () => {
      const plugged = this.dimms.plug(request, true);
      if (plugged.ok) await this.#insert(plugged.value);
      return plugged;
    });
  }

  /** Asks the kernel to give a DIMM back; the outcome is in `_OST` and the events. */
  dimmDel(id: string): Promise<QmpResult<HotplugOutcome & { readonly ok: boolean }>> {
    return this.#lock.run(async () => {
      const dimm = this.dimms.get(id);
      if (dimm === undefined)
        return deviceNotFound(id);
      this.core.emit({ type: "acpi_notify", device: id, value: NOTIFY_EJECT_REQUEST });
      const outcome = await this.acpi.hotplug(this.#bus.pathOf(dimm.slot), NOTIFY_EJECT_REQUEST);
      return { ok: true, value: { ...outcome, ok: outcome.errno === 0 } };
    });
  }

  /**
   * Attaches an inspector to the block actors of all workers: `inspect({ to: createBrowserInspector() })`.
   * Blocks that are not looked at are counted by node.
   */
  inspect(options: InspectOptions): Promise<Inspection> {
    return this.#lock.run(() => this.core.inspect(options));
  }

  /** One write(2) to a file, as part of the event stream: what the block tells, why the kernel refused, what write returned. */
  async write(path: string, data: string): Promise<WriteAnswer> {
    let told = false;
    const stop = this.listen((event) => {
      told ||= event.type === "refusal";
    });
    const answer = await this.files.write(path, data);
    stop();
    // A block's own refusal is in the stream already; the file system's is not.
    if (answer.refusal !== undefined && !told) this.emit({ type: "refusal", refusal: answer.refusal });
    const errno = answer.openErrno === 0 ? answer.errno : answer.openErrno;
    this.emit({ type: "file_write", path, data, ret: answer.ret, errno });
    return answer;
  }

  /** Settles when the kernel has done what firmware and `eject` files asked for. */
  idle(): Promise<void> {
    return this.acpi.idle();
  }

  /** Ends the workers. */
  close(): Promise<void> {
    return this.core.close();
  }

  /** Boot-time scan of the ACPI namespace: DIMMs that are not in the firmware's memory map are added (observed-4.1 §2). */
  async plugColdDimms(): Promise<void> {
    const autoOnline = this.autoOnline;
    if (this.spec.coldDimmsOffline === true) this.autoOnline = "offline";
    for (const cold of this.spec.coldDimms) {
      const plugged = this.dimms.plug(
        { id: cold.id, memdev: cold.memdev, sizeBytes: cold.sizeBytes, node: cold.node },
        false,
      );
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

  /** add_memory: checks, resource, blocks, and auto-online (facts/kernel.md §5.1). The caller holds the lock. */
  async addMemory(range: MemoryRange, options: AddMemoryOptions): Promise<Result<void>> {
    const { group = -1, resourceName = "System RAM" } = options;
    const driverManaged = resourceName !== "System RAM";
    const checked = checkAdd(
      {
        profile: this.profile,
        iomem: this.iomem,
        alignmentBytes:
          this.profile.addAlignment === "section" ? 2 ** this.board.arch.sectionSizeBits : this.board.blockSizeBytes,
        possibleNodes: this.board.possibleNodes,
        log: (text) => this.log(text),
      },
      range,
      options.node,
    );
    if (!checked.ok) return checked;
    this.iomem.insert(range.start, range.start + range.size, resourceName);
    if (!driverManaged)
      this.firmwareMemmap.push({ start: range.start, end: range.start + range.size - 1, type: "System RAM" });
    if (group >= 0) this.core.addGroupPages(group, range.size / this.pageSize);
    const request: NodeRequest = {
      op: "add",
      node: options.node,
      startPfn: range.start / this.pageSize,
      nrPages: range.size / this.pageSize,
      group: this.profile.onlinePolicies ? group : -1,
      altmapPages: group >= 0 ? this.#altmapPages(range.size) : 0,
      firmware: false,
      driverManaged,
    };
    const [added] = await this.core.execute([request]);
    if (this.autoOnline !== "offline" && added?.op === "add") {
      const type: OnlineType =
        this.autoOnline === "online" ? "online" : this.autoOnline === "online_kernel" ? "kernel" : "movable";
      await this.core.execute([{ op: "online", node: options.node, blocks: added.blocks, type, stopAtFailure: true }]);
    }
    return done(undefined);
  }

  /** Pages of each block that hold its own memmap: 64 bytes for each page (facts §5.3; observed-6 §4, §13). */
  #altmapPages(sizeBytes: number): number {
    if (this.parameters.memmapOnMemory === "N" || this.profile.memmapOnMemory === "absent") return 0;
    if (this.profile.memmapOnMemory === "one-block-dimm" && sizeBytes !== this.board.blockSizeBytes) return 0;
    return (this.map.blockPages * 64) / this.pageSize;
  }

  /** Node of an address: that of boot RAM there, else that of the lowest RAM (facts §2.4 step 3; observed-4.1 §7). */
  nodeOfAddress(address: number): number {
    const pfn = address / this.pageSize;
    const nodes = this.board.layout.nodes.filter((node) => node.ranges.length > 0);
    const holder = nodes.find((node) => node.ranges.some((range) => pfn >= range.startPfn && pfn < range.endPfn));
    return holder?.node ?? nodes[0]?.node ?? 0;
  }

  /** memory_probe_store: adds a block's worth of memory, in 4.1 section by section; the first error ends it (facts §2.4). */
  probe(address: number): Promise<Result<void>> {
    return this.#lock.run(async () => {
      const step =
        this.profile.addAlignment === "section" ? 2 ** this.board.arch.sectionSizeBits : this.board.blockSizeBytes;
      for (let start = address; start < address + this.board.blockSizeBytes; start += step) {
        const added = await this.addMemory({ start, size: step }, { node: this.nodeOfAddress(start) });
        if (!added.ok) return added;
      }
      return done(undefined);
    });
  }

  /** add_memory and add_memory_driver_managed for code inside the kernel. */
  add(range: MemoryRange, options: AddMemoryOptions): Promise<Result<void>> {
    return this.#lock.run(async () => {
      const { resourceName = "System RAM" } = options;
      if (resourceName !== "System RAM" && !/^System RAM \(.+\)$/.test(resourceName)) {
        return refused({
          errno: "EINVAL",
          code: "bad_word",
          rule: "facts §5.1: a driver's resource is named System RAM (driver)",
          retry: "no",
          remedy: ["name it System RAM (driver)"],
          detail: resourceName,
        });
      }
      return this.addMemory(range, options);
    });
  }

  /** remove_memory for code inside the kernel: EBUSY while a block is not offline (facts §5.2, 6.x). */
  remove(range: MemoryRange): Promise<Result<void>> {
    return this.#lock.run(async () => {
      const busy = this.blocksOf(range).find((block) => this.map.blocks.state(block) !== BlockState.offline);
      if (busy !== undefined)
        return refused({
          errno: "EBUSY",
          code: "already_in_state",
          rule: "facts §5.2: memory in use is not removed",
          block: busy,
          retry: "maybe",
          remedy: [`offline block ${busy} first`],
        });
      await this.#removeBlocks(range);
      return done(undefined);
    });
  }

  /** offline_and_remove_memory: puts back online what it took offline if one block refuses (facts §5.2). */
  offlineAndRemove(range: MemoryRange): Promise<Result<void>> {
    return this.#lock.run(async () => {
      if (
        range.size === 0 ||
        range.start % this.board.blockSizeBytes !== 0 ||
        range.size % this.board.blockSizeBytes !== 0
      ) {
        return refused({
          errno: "EINVAL",
          code: "unaligned",
          rule: "facts §5.2: offline_and_remove_memory takes whole blocks",
          retry: "no",
          remedy: ["name whole blocks"],
        });
      }
      const taken: { block: number; type: OnlineType }[] = [];
      for (const block of this.blocksOf(range)) {
        const type: OnlineType = this.map.blocks.zone(block) === ZONE_MOVABLE ? "movable" : "kernel";
        const result = await this.#offlineLocked(block);
        if (!result.ok) {
          for (const other of taken) await this.#onlineLocked(other.block, other.type);
          return refused(result.refusal);
        }
        if (result.value === "changed") taken.push({ block, type });
      }
      await this.#removeBlocks(range);
      return done(undefined);
    });
  }

  async #removeBlocks(range: MemoryRange): Promise<void> {
    const first = this.blocksOf(range)[0];
    if (first !== undefined) await this.removeMemory(range, this.map.blocks.node(first));
  }

  /** remove_memory of a range whose blocks are all offline. The caller holds the lock. */
  async removeMemory(range: MemoryRange, node: number): Promise<void> {
    const cpus = (this.board.layout.nodes.find((n) => n.node === node)?.cpus.length ?? 0) > 0;
    this.iomem.release(range.start, range.start + range.size);
    const entry = this.firmwareMemmap.findIndex(
      (e) => e.start === range.start && e.end === range.start + range.size - 1,
    );
    if (entry >= 0) this.firmwareMemmap.splice(entry, 1);
    await this.core.execute([
      { op: "remove", node, startPfn: range.start / this.pageSize, nrPages: range.size / this.pageSize, cpus },
    ]);
  }

  /** Memory blocks that exist in a range, ascending. */
  blocksOf(range: MemoryRange): number[] {
    const first = Math.floor(range.start / this.board.blockSizeBytes);
    const last = Math.ceil((range.start + range.size) / this.board.blockSizeBytes) - 1;
    const blocks: number[] = [];
    for (let id = first; id <= last; id++) if (this.map.blocks.has(id)) blocks.push(id);
    return blocks;
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

  async #onlineLocked(block: number, type: OnlineType | "planted"): Promise<Result<"changed" | "unchanged">> {
    const node = this.map.blocks.node(block);
    if (this.map.blocks.state(block) === BlockState.online) {
      // Without effect but for the type, which the next plain online will use (facts/kernel.md §2.8).
      if (type !== "planted") await this.core.execute([{ op: "plant", node, block, type }]);
      return done("unchanged");
    }
    return this.#single({ op: "online", node, blocks: [block], type });
  }

  async #offlineLocked(block: number): Promise<Result<"changed" | "unchanged">> {
    if (this.map.blocks.state(block) === BlockState.offline) return done("unchanged");
    return this.#single({ op: "offline", node: this.map.blocks.node(block), blocks: [block] });
  }

  async #single(request: NodeRequest): Promise<Result<"changed" | "unchanged">> {
    const [result] = await this.core.execute([request]);
    const outcome = result !== undefined && "outcomes" in result ? result.outcomes[0] : undefined;
    if (outcome === undefined) throw new Error("memhp bug: no outcome for a block");
    return outcome.ok ? done(outcome.changed ? "changed" : "unchanged") : refused(outcome.refusal);
  }
}

function changed(result: Result<"changed" | "unchanged">): Result<boolean> {
  return result.ok ? done(result.value === "changed") : result;
}

/** Boots a kernel on a machine. @throws SpecError for a machine it cannot boot on, RangeError for an unknown kernel. */
export async function bootMachine(spec: MachineSpec, options: MachineOptions): Promise<Machine> {
  const profile = typeof options.kernel === "string" ? kernelProfile(options.kernel) : options.kernel;
  const bootOptions = parseBootOptions(spec.cmdline);
  const board = layOutBoard(profile, spec, bootOptions);
  const { shards, shardOf } = await startShards(board, options);
  const parameters = bootParameters(profile, bootOptions);
  const core = new HotplugCore(board, shards, shardOf, parameters);
  const machine = new Machine(profile, spec, board, core, parameters);
  for (const block of options.unmovableBlocks ?? [])
    if (core.map.blocks.has(block)) await machine.markUnmovable(block, true);
  await machine.plugColdDimms();
  return machine;
}

/** Spreads the nodes over the workers, round robin; a node never leaves its shard. */
async function startShards(
  board: Board,
  options: MachineOptions,
): Promise<{ shards: Shard[]; shardOf: Map<number, number> }> {
  const { workers = 0, workerFactory } = options;
  const nodes = board.possibleNodes;
  if (workers === 0) {
    return {
      shards: [createLocalShard({ layout: board.layout, owned: nodes })],
      shardOf: new Map(nodes.map((node) => [node, 0])),
    };
  }
  if (workerFactory === undefined)
    throw new RangeError("workers need a worker factory: workerThreads() in Node, webWorkers() in a browser");
  const count = Math.min(workers, nodes.length);
  const shardOf = new Map(nodes.map((node, i) => [node, i % count]));
  const shards = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      createRemoteShard(
        { layout: board.layout, owned: nodes.filter((node) => shardOf.get(node) === i) },
        workerFactory(i),
      ),
    ),
  );
  return { shards, shardOf };
}

/** True for a block that is bound to an ACPI device. */
export function isFirmwareBlock(map: MemoryMap, block: number): boolean {
  return map.blocks.hasFlag(block, BlockFlag.firmware);
}
