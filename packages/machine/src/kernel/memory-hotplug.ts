import {
  type Caller,
  type DefaultOnlineType,
  done,
  type OnlineType,
  onlineTypes,
  onlineTypeWords,
  pagesPerSection,
  refused,
  refusedAndTold,
  type Result,
} from "@memhp/abi";
import type { MemoryRange } from "@memhp/acpi";
import { BlockState, type MemoryMap, type WithheldRange } from "@memhp/engine";
import type { NodeRequest, RequestResult } from "@memhp/hotplug";
import type { Change } from "@memhp/sysfs";
import type { FreshZones } from "./fresh-zones.ts";
import { AddedMemmap, type MemmapHomes } from "./added-memmap.ts";
import type { Board } from "../board/board.ts";
import type { BootOptions, HotplugParameters } from "../spec/boot-options.ts";
import { blocksIn } from "./blocks-in.ts";
import { checkAdd } from "./hot-add.ts";
import { altmapPages, type MemmapRules, roomForMemmap } from "./memmap-on-memory.ts";
import { MemoryRemoval } from "./memory-removal.ts";
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
  readonly #memmapRules: MemmapRules;
  readonly #log: (text: string) => void;
  readonly #memmap: AddedMemmap;
  readonly #hotAddMovable: boolean;
  readonly #memLimitBytes: number | undefined;
  /** Until the kernel has looked at the devices that are there. */
  isBooting = false;
  readonly #freshZones: FreshZones;
  /** auto_online_blocks. */
  autoOnline: DefaultOnlineType;
  /** How memory leaves again. */
  readonly removal: MemoryRemoval;

  constructor(
    shards: ShardSet,
    board: Board,
    physical: PhysicalMemory,
    parameters: HotplugParameters,
    options: BootOptions,
    pages: MachinePages,
    image: { readonly autoOnline: DefaultOnlineType; readonly memmapHomes: MemmapHomes },
    freshZones: FreshZones,
  ) {
    this.#freshZones = freshZones;
    this.#kernel = board.kernel;
    this.#board = board;
    this.#shards = shards;
    this.#physical = physical;
    this.#memmapRules = { kernel: board.kernel, board, parameters };
    this.#log = (text) => shards.emit({ type: "log", level: 6, text });
    this.autoOnline = image.autoOnline;
    this.#hotAddMovable = options.hotAddMovable;
    // max_mem_size, which x86's parse_memopt alone sets.
    this.#memLimitBytes = board.platform.hasE820 === true ? options.memLimitBytes : undefined;
    this.#memmap = new AddedMemmap(pages, pagesPerSection(board.arch), image.memmapHomes);
    this.removal = new MemoryRemoval({
      board,
      shards,
      physical,
      memmap: this.#memmap,
      addStep: this.#addStep,
      log: this.#log,
      online: (block, type) => this.online(block, type),
      offline: (block) => this.offline(block),
    });
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
    const reserved = (options.memmapOnMemory ?? group >= 0) ? altmapPages(this.#memmapRules, range.size) : 0;
    if (reserved === 0) {
      const memmap = await this.#memmap.take(node, startPfn, nrPages);
      if (!memmap.ok) return refused({ ...memmap.refusal, remedy: roomForMemmap(this.#memmapRules, group) });
    }
    this.#physical.add(range, resourceName, options.mergesResource);
    if (group >= 0 && options.groupIsRegistered !== true) this.#shards.groups.addPages(group, nrPages);
    const [added] = await this.#shards.execute([
      {
        op: "add",
        node,
        startPfn,
        nrPages,
        group: this.#kernel.add.groups ? group : -1,
        altmapPages: reserved,
        firmware: false,
        driverManaged: resourceName !== "System RAM",
        movable: this.#hotAddMovable,
        ...(options.withheld === undefined ? {} : { withheld: options.withheld }),
      },
    ]);
    const type = onlineTypes.find((each) => onlineTypeWords[each] === this.autoOnline);
    if (type !== undefined && added?.op === "add") {
      await this.changeStates([{ op: "online", node, blocks: added.blocks, type, stopAtFailure: true }]);
      // The kernel's own thread has brought them online, and goes on (6.12: x_default_kernel).
      await this.#freshZones.ran();
    }
    return done(undefined);
  }

  get supportsMemmapOnMemory(): boolean {
    return altmapPages(this.#memmapRules, this.#board.blockSizeBytes) > 0;
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

  /** Memory blocks that exist in a range, ascending. */
  blocksOf(range: MemoryRange): number[] {
    return blocksIn(this.#map, this.#board.blockSizeBytes, range);
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
