import {
  builtWithout,
  type Caller,
  done,
  formatSize,
  type OnlineType,
  pageblockPages,
  pagesPerSection,
  refused,
  refusedAndTold,
  type Result,
  ZONE_MOVABLE,
  STRUCT_PAGE_BYTES,
} from "@memhp/abi";
import { KernelBug, type MemoryRange } from "@memhp/acpi";
import { BlockState, endOfRemoval, hasStructPage, type MemoryMap, strayParts, type WithheldRange } from "@memhp/engine";
import type { NodeRequest, RequestResult } from "@memhp/hotplug";
import type { Change } from "@memhp/sysfs";
import type { FreshZones } from "./fresh-zones.ts";
import { AddedMemmap, type MemmapHomes } from "./added-memmap.ts";
import type { Board } from "../board/board.ts";
import type { AutoOnline, BootOptions, HotplugParameters } from "../spec/boot-options.ts";
import { checkAdd, isWholeSteps } from "./hot-add.ts";
import type { ShardSet } from "@memhp/shards";
import type { MachinePages } from "../pages/machine-pages.ts";
import type { PhysicalMemory } from "./physical-memory.ts";
import type { Kernel } from "@memhp/kernels";

/** How memory is added in the kernel's own name. */
export interface AddMemoryOptions {
  readonly node: number;
  /** Memory group of a device; absent for memory that no device announced. */
  readonly group?: number;
  /** Struct pages may lie on the memory itself; where a device has a group unless told otherwise. */
  readonly memmapOnMemory?: boolean;
  /** Who adds it has registered the group, with its size where it has one. */
  readonly groupIsRegistered?: boolean;
  /** Frames that the driver who adds it keeps from the allocator. */
  readonly withheld?: readonly WithheldRange[];
  /** Neighbours of the same name are one resource (MHP_MERGE_RESOURCE). */
  readonly mergesResource?: boolean;
  /** `System RAM`, or `System RAM (driver)` for driver-managed memory. */
  readonly resourceName?: string;
}

const onlineTypeOf: Readonly<Record<Exclude<AutoOnline, "offline">, OnlineType>> = {
  online: "online",
  online_kernel: "kernel",
  online_movable: "movable",
};

/** When whoever offlines a block gets a signal; a kernel thread never does. */
export interface Patience {
  readonly signalAtNs?: number;
  readonly patienceNs?: number;
}

interface OfflineOptions extends Patience {
  readonly caller?: Caller;
}

function byOf({ name }: Caller): { readonly by?: string } {
  return name === undefined ? {} : { by: name };
}

/** The kernel's memory API. Every caller holds the hotplug lock. */
export class MemoryHotplug {
  readonly #kernel: Kernel;
  readonly #board: Board;
  readonly #shards: ShardSet;
  readonly #physical: PhysicalMemory;
  readonly #parameters: HotplugParameters;
  readonly #log: (text: string) => void;
  readonly #memmap: AddedMemmap;
  readonly #hotAddMovable: boolean;
  readonly #memLimitBytes: number | undefined;
  /** Until the kernel has looked at the devices that are there. */
  isBooting = false;
  readonly #freshZones: FreshZones;
  /** auto_online_blocks. */
  autoOnline: AutoOnline;

  constructor(
    shards: ShardSet,
    board: Board,
    physical: PhysicalMemory,
    parameters: HotplugParameters,
    options: BootOptions,
    pages: MachinePages,
    image: { readonly autoOnline: AutoOnline; readonly memmapHomes: MemmapHomes },
    freshZones: FreshZones,
  ) {
    this.#freshZones = freshZones;
    this.#kernel = board.kernel;
    this.#board = board;
    this.#shards = shards;
    this.#physical = physical;
    this.#parameters = parameters;
    this.#log = (text) => shards.emit({ type: "log", level: 6, text });
    this.autoOnline = image.autoOnline;
    this.#hotAddMovable = options.hotAddMovable;
    // max_mem_size, which x86's parse_memopt alone sets.
    this.#memLimitBytes = board.platform.hasE820 === true ? options.memLimitBytes : undefined;
    this.#memmap = new AddedMemmap(pages, pagesPerSection(board.arch), image.memmapHomes);
  }

  /** Where the struct pages of added memory lie. */
  get memmapHomes(): MemmapHomes {
    return this.#memmap.snapshot();
  }

  get #map(): MemoryMap {
    return this.#shards.map;
  }
  get #pageSize(): number {
    return 2 ** this.#board.arch.pageShift;
  }
  /** What add_memory and probe take at a time: a section in 4.1, a block later. */
  get #addStep(): number {
    return this.#kernel.add.alignment === "section"
      ? 2 ** this.#board.arch.sectionSizeBits
      : this.#board.blockSizeBytes;
  }

  /** device_online of a block, with a type or with the one that an earlier write left. */
  async online(block: number, type: OnlineType | "remembered", caller: Caller = {}): Promise<Result<Change>> {
    const node = this.#map.blocks.node(block);
    if (this.#map.blocks.state(block) === BlockState.online) {
      // Without effect but for the type, which the next plain online will use (facts/kernel.md §2.8).
      if (type !== "remembered") await this.#shards.execute([{ op: "remember_type", node, block, type }]);
      return done("unchanged");
    }
    return this.#single({ op: "online", node, blocks: [block], type, ...byOf(caller) });
  }

  /** device_offline of a block. */
  async offline(block: number, { caller = {}, ...patience }: OfflineOptions = {}): Promise<Result<Change>> {
    if (this.#map.blocks.state(block) === BlockState.offline) return done("unchanged");
    const node = this.#map.blocks.node(block);
    return this.#single({ op: "offline", node, blocks: [block], ...patience, ...byOf(caller) });
  }

  /** Blocks go online and offline. */
  async changeStates(requests: readonly NodeRequest[]): Promise<RequestResult[]> {
    const results = await this.#shards.execute(requests);
    this.#freshZones.follow(requests, results);
    return results;
  }

  async #single(request: NodeRequest): Promise<Result<Change>> {
    const [result] = await this.changeStates([request]);
    const outcome = result !== undefined && "outcomes" in result ? result.outcomes[0] : undefined;
    if (outcome === undefined) throw new Error("memhp bug: no outcome for a block");
    if (typeof outcome === "string") return done(outcome);
    return outcome.told === true ? refusedAndTold(outcome.refusal) : refused(outcome.refusal);
  }

  /** add_memory: checks, resource, blocks, and auto-online (facts/kernel.md §5.1). */
  async addMemory(range: MemoryRange, options: AddMemoryOptions): Promise<Result<void>> {
    const { node, group = -1, resourceName = "System RAM" } = options;
    const check = {
      kernel: this.#kernel,
      iomem: this.#physical.iomem,
      alignmentBytes: this.#addStep,
      possibleNodes: this.#board.possibleNodes,
      physmemBits: this.#board.arch.physmemBitsAtMost,
      ...(this.isBooting && this.#kernel.add.memLimit !== undefined && this.#memLimitBytes !== undefined
        ? { memLimitBytes: this.#memLimitBytes }
        : {}),
      log: this.#log,
    };
    const checked = checkAdd(check, range, node);
    if (!checked.ok) return checked;
    const other = this.blocksOf(range).find((block) => this.#map.blocks.node(block) !== node);
    if (other !== undefined) return refused({ ...SEVERAL_NODES, block: other, node: this.#map.blocks.node(other) });
    const startPfn = range.start / this.#pageSize;
    const nrPages = range.size / this.#pageSize;
    const altmapPages = (options.memmapOnMemory ?? group >= 0) ? this.#altmapPages(range.size) : 0;
    if (altmapPages === 0) {
      const memmap = await this.#memmap.take(node, startPfn, nrPages);
      if (!memmap.ok) return refused({ ...memmap.refusal, remedy: this.#roomForMemmap(group) });
    }
    this.#physical.add(range, resourceName, options.mergesResource);
    if (group >= 0 && options.groupIsRegistered !== true) this.#shards.addGroupPages(group, nrPages);
    const [added] = await this.#shards.execute([
      {
        op: "add",
        node,
        startPfn,
        nrPages,
        group: this.#kernel.add.groups ? group : -1,
        altmapPages,
        firmware: false,
        driverManaged: resourceName !== "System RAM",
        movable: this.#hotAddMovable,
        ...(options.withheld === undefined ? {} : { withheld: options.withheld }),
      },
    ]);
    if (this.autoOnline !== "offline" && added?.op === "add") {
      const type = onlineTypeOf[this.autoOnline];
      await this.changeStates([{ op: "online", node, blocks: added.blocks, type, stopAtFailure: true }]);
      // The kernel's own thread has brought them online, and goes on (6.12: x_default_kernel).
      await this.#freshZones.ran();
    }
    return done(undefined);
  }

  get supportsMemmapOnMemory(): boolean {
    return this.#altmapPages(this.#board.blockSizeBytes) > 0;
  }

  /** Pages of each block that hold its own memmap: 64 bytes for each page (facts §5.3; observed-6 §4, §13). */
  #altmapPages(sizeBytes: number): number {
    if (this.#parameters.memmapOnMemory === "N" || this.#kernel.add.memmapOnMemory === "absent") return 0;
    if (this.#kernel.add.memmapOnMemory === "one-block-dimm" && sizeBytes !== this.#board.blockSizeBytes) return 0;
    const { blockPages } = this.#map;
    const pageblock = pageblockPages(this.#board.arch);
    const pages = Math.ceil((blockPages * STRUCT_PAGE_BYTES) / this.#pageSize);
    // What follows in the block must begin at a pageblock; `force` wastes the rest of one.
    const reserved = Math.ceil(pages / pageblock) * pageblock;
    if (reserved !== pages && this.#parameters.memmapOnMemory !== "force") return 0;
    return reserved < blockPages ? reserved : 0;
  }

  /** What leaves room for struct pages, by what the kernel can do and does already. */
  #roomForMemmap(group: number): string[] {
    const { memmapOnMemory } = this.#kernel.add;
    const freed = "end a load that holds kernel memory";
    const smaller = "plug in smaller DIMMs, each onlined before the next";
    if (group < 0 || memmapOnMemory === "absent") return [freed, smaller];
    const block = formatSize(this.#board.blockSizeBytes);
    if (memmapOnMemory === "one-block-dimm") {
      const alone = `plug in DIMMs of one block (${block}), each onlined before the next: memory_hotplug.memmap_on_memory`;
      return this.#parameters.memmapOnMemory === "N"
        ? [freed, `${alone}=1, given at boot, serves no others`]
        : [freed, `${alone} serves no others`];
    }
    const word = this.#parameters.memmapOnMemory === "N" ? "1" : "force";
    return [freed, `boot with memory_hotplug.memmap_on_memory=${word}`, smaller];
  }

  /** add_memory_driver_managed; memory of the firmware's kind under its plain name. */
  async addNamed(range: MemoryRange, options: AddMemoryOptions): Promise<Result<void>> {
    const { resourceName = "System RAM" } = options;
    if (resourceName === "System RAM" || /^System RAM \(.+\)$/.test(resourceName))
      return this.addMemory(range, options);
    return refused({
      errno: "EINVAL",
      code: "bad_word",
      rule: "facts §5.1: a driver's resource is named System RAM (driver)",
      retry: "no",
      remedy: ["name it System RAM (driver)"],
      detail: resourceName,
    });
  }

  /** memory_probe_store: adds a block's worth of memory, in 4.1 section by section; the first error ends it (facts §2.4). */
  async probe(address: number): Promise<Result<void>> {
    const size = this.#addStep;
    for (let start = address; start < address + this.#board.blockSizeBytes; start += size) {
      const added = await this.addMemory({ start, size }, { node: this.nodeOfAddress(start) });
      if (!added.ok) return added;
    }
    return done(undefined);
  }

  /**
   * remove_memory: a block that is not offline is a refusal here, and a BUG in the kernel (facts §5.2).
   * @throws KernelBug for a range that is no whole steps: a device whose memory was there already (EEXIST) has one.
   */
  async removeMemory(range: MemoryRange, node: number): Promise<Result<void>> {
    // A stub: the device goes, its blocks stay (include/linux/memory_hotplug.h).
    if (!this.#kernel.config.MEMORY_HOTREMOVE) return done(undefined);
    this.#checkSteps(range);
    const busy = this.#firstNotOffline(range);
    if (busy !== undefined) return notOffline(busy);
    await this.#remove(range, node);
    return done(undefined);
  }

  /** @param node the node that try_offline_node asks when the memory is gone; it need not have had all of it. */
  async #remove(range: MemoryRange, node: number): Promise<void> {
    const startPfn = range.start / this.#pageSize;
    if (this.#kernel.zones.spansShrink === "on-remove" && !hasStructPage(this.#map, startPfn))
      throw new KernelBug(`kernel oops: the zone of ${resourceText(range)} is asked for, which has no struct page`);
    const cpus = (this.#board.layout.nodes.find((n) => n.node === node)?.cpus.length ?? 0) > 0;
    // What is behind the end of removal stays, with its struct pages.
    const nrPages = endOfRemoval(this.#map, startPfn, range.size / this.#pageSize) - startPfn;
    const parts = nrPages === 0 ? [] : this.#partsByNode({ ...range, size: nrPages * this.#pageSize });
    this.#physical.remove(range);
    for (const { home, start, size } of parts) {
      const pages = { startPfn: start / this.#pageSize, nrPages: size / this.#pageSize };
      const strays = strayParts(this.#map, home);
      await this.#shards.execute([{ op: "remove", node: home, ...pages, cpus: cpus || home !== node, strays }]);
    }
    if (!parts.some(({ home }) => home === node))
      await this.#shards.execute([{ op: "remove", node, startPfn, nrPages: 0, cpus }]);
    await this.#memmap.giveBack(startPfn, nrPages);
  }

  /**
   * The parts of a range whose blocks are of one node, as those of a DIMM over probed memory need not be (observed-4.1 §7): each
   * node's shard has its own.
   */
  #partsByNode({ start, size }: MemoryRange): (MemoryRange & { readonly home: number })[] {
    const { blockSizeBytes } = this.#board;
    const end = start + size;
    const parts: { home: number; start: number; size: number }[] = [];
    for (const block of this.blocksOf({ start, size })) {
      const blockStart = Math.max(start, block * blockSizeBytes);
      const blockEnd = Math.min(end, (block + 1) * blockSizeBytes);
      const home = this.#map.blocks.node(block);
      const last = parts.at(-1);
      if (last?.home === home) last.size = blockEnd - last.start;
      else parts.push({ home, start: blockStart, size: blockEnd - blockStart });
    }
    return parts;
  }

  /**
   * remove_memory for a caller inside the kernel (facts §5.2): EBUSY while a block is not offline.
   * @throws KernelBug for a range that is no whole steps (observed-6 §10), and in 4.1 for memory that is not offline.
   */
  async removeIfOffline(range: MemoryRange): Promise<Result<void>> {
    if (!this.#kernel.config.MEMORY_HOTREMOVE) return this.#stubOfRemove();
    this.#checkSteps(range);
    const busy = this.#firstNotOffline(range);
    if (busy !== undefined && this.#kernel.add.removeOnline === "bug")
      throw new KernelBug(`kernel BUG: remove_memory of ${resourceText(range)} while memory${busy} is online`);
    if (busy !== undefined) {
      // check_memblock_offlined_cb (6.1, 6.12, 7.3: l_add_memory_errnos).
      const { blockSizeBytes } = this.#board;
      const [first, last] = [busy * blockSizeBytes, (busy + 1) * blockSizeBytes - 1].map(physText);
      this.#log(`removing memory fails, because memory [${first}-${last}] is onlined`);
      return notOffline(busy);
    }
    const [first] = this.blocksOf(range);
    // 4.1 asks the first page for its zone whether anything is there or not; later kernels find nothing to do.
    if (first !== undefined || this.#kernel.zones.spansShrink === "on-remove")
      await this.#remove(range, first === undefined ? 0 : this.#map.blocks.node(first));
    return done(undefined);
  }

  /** BUG_ON(check_hotplug_memory_range()), before anything else, in every kernel that memhp has (mm/memory_hotplug.c; l_add_memory_errnos). */
  #checkSteps(range: MemoryRange): void {
    const check = { kernel: this.#kernel, alignmentBytes: this.#addStep, log: this.#log };
    if (isWholeSteps(check, range)) return;
    throw new KernelBug(`kernel BUG: remove_memory of ${resourceText(range)}, which is no whole blocks`);
  }

  /** remove_memory() returns nothing in 4.1, and later EBUSY (include/linux/memory_hotplug.h). */
  #stubOfRemove(): Result<void> {
    if (this.#kernel.add.removeOnline === "bug") return done(undefined);
    return refused({
      errno: "EBUSY",
      code: "not_built",
      rule: "include/linux/memory_hotplug.h: remove_memory() without CONFIG_MEMORY_HOTREMOVE",
      retry: "no",
      ...builtWithout("MEMORY_HOTREMOVE"),
    });
  }

  #firstNotOffline(range: MemoryRange): number | undefined {
    return this.blocksOf(range).find((block) => this.#map.blocks.state(block) !== BlockState.offline);
  }

  /** offline_and_remove_memory: puts back online what it took offline if one block refuses (facts §5.2). */
  async offlineAndRemove(range: MemoryRange): Promise<Result<void>> {
    const { blockSizeBytes } = this.#board;
    if (range.size === 0 || range.start % blockSizeBytes !== 0 || range.size % blockSizeBytes !== 0) {
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
      const type: OnlineType = this.#map.blocks.zone(block) === ZONE_MOVABLE ? "movable" : "kernel";
      const result = await this.offline(block);
      if (!result.ok) {
        for (const other of taken) await this.online(other.block, other.type);
        return result;
      }
      if (result.value === "changed") taken.push({ block, type });
    }
    await this.#removeBlocks(range);
    return done(undefined);
  }

  async #removeBlocks(range: MemoryRange): Promise<void> {
    const [first] = this.blocksOf(range);
    if (first !== undefined) await this.#remove(range, this.#map.blocks.node(first));
  }

  /** Memory blocks that exist in a range, ascending. */
  blocksOf({ start, size }: MemoryRange): number[] {
    const { blockSizeBytes } = this.#board;
    const last = Math.ceil((start + size) / blockSizeBytes) - 1;
    const first = Math.floor(start / blockSizeBytes);
    const rows = this.#map.blocks;
    if (last - first >= rows.size) return [...rows.ids()].filter((id) => id >= first && id <= last);
    const blocks: number[] = [];
    for (let id = first; id <= last; id++) if (rows.has(id)) blocks.push(id);
    return blocks;
  }

  /** Node of an address: that of boot RAM there, else that of the lowest RAM (facts §2.4 step 3; observed-4.1 §7). */
  nodeOfAddress(address: number): number {
    const pfn = address / this.#pageSize;
    const nodes = this.#board.layout.nodes.filter((node) => node.ranges.length > 0);
    const holder = nodes.find((node) => node.ranges.some((range) => pfn >= range.startPfn && pfn < range.endPfn));
    return holder?.node ?? nodes[0]?.node ?? 0;
  }
}

/** Only 4.1 comes to it, which adds sections: later kernels add whole blocks, where none is yet. */
const SEVERAL_NODES = {
  errno: "EOPNOTSUPP",
  code: "mixed_zones",
  rule: "memhp has no blocks whose sections were added to several nodes",
  retry: "no",
  remedy: ["add the sections of a block to one node"],
} as const;

function resourceText({ start, size }: MemoryRange): string {
  return `[mem 0x${start.toString(16)}-0x${(start + size - 1).toString(16)}]`;
}

/** `%pa` of a 64-bit kernel. */
function physText(address: number): string {
  return `0x${address.toString(16).padStart(16, "0")}`;
}

function notOffline(block: number): Result<never> {
  return refused({
    errno: "EBUSY",
    code: "already_in_state",
    rule: "facts §5.2: memory in use is not removed",
    block,
    retry: "maybe",
    remedy: [`offline block ${block} first`],
  });
}
