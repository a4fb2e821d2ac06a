import { builtWithout, done, type OnlineType, refused, type Result, ZONE_MOVABLE } from "@memhp/abi";
import { KernelBug, type MemoryRange } from "@memhp/acpi";
import { BlockState, endOfRemoval, hasStructPage, type MemoryMap, strayParts } from "@memhp/engine";
import type { Kernel } from "@memhp/kernels";
import type { ShardSet } from "@memhp/shards";
import type { Change } from "@memhp/sysfs";
import type { Board } from "../board/board.ts";
import type { AddedMemmap } from "./added-memmap.ts";
import { blocksIn } from "./blocks-in.ts";
import { isWholeSteps } from "./hot-add.ts";
import type { PhysicalMemory } from "./physical-memory.ts";

/** What a removal needs of the machine. */
interface RemovalHost {
  readonly board: Board;
  readonly shards: ShardSet;
  readonly physical: PhysicalMemory;
  readonly memmap: AddedMemmap;
  /** What add_memory takes at a time, in bytes. */
  readonly addStep: number;
  readonly log: (text: string) => void;
  readonly online: (block: number, type: OnlineType) => Promise<Result<Change>>;
  readonly offline: (block: number) => Promise<Result<Change>>;
}

/** How memory leaves: remove_memory and offline_and_remove_memory (facts §5.2). Every caller holds the hotplug lock. */
export class MemoryRemoval {
  readonly #host: RemovalHost;

  constructor(host: RemovalHost) {
    this.#host = host;
  }

  get #board(): Board {
    return this.#host.board;
  }
  get #kernel(): Kernel {
    return this.#board.kernel;
  }
  get #map(): MemoryMap {
    return this.#host.shards.map;
  }
  get #pageSize(): number {
    return 2 ** this.#board.arch.pageShift;
  }

  #blocksOf(range: MemoryRange): number[] {
    return blocksIn(this.#map, this.#board.blockSizeBytes, range);
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
    this.#host.physical.remove(range);
    for (const { home, start, size } of parts) {
      const pages = { startPfn: start / this.#pageSize, nrPages: size / this.#pageSize };
      const strays = strayParts(this.#map, home);
      await this.#host.shards.execute([{ op: "remove", node: home, ...pages, cpus: cpus || home !== node, strays }]);
    }
    if (!parts.some(({ home }) => home === node))
      await this.#host.shards.execute([{ op: "remove", node, startPfn, nrPages: 0, cpus }]);
    await this.#host.memmap.giveBack(startPfn, nrPages);
  }

  /**
   * The parts of a range whose blocks are of one node, as those of a DIMM over probed memory need not be (observed-4.1 §7): each
   * node's shard has its own.
   */
  #partsByNode({ start, size }: MemoryRange): (MemoryRange & { readonly home: number })[] {
    const { blockSizeBytes } = this.#board;
    const end = start + size;
    const parts: { home: number; start: number; size: number }[] = [];
    for (const block of this.#blocksOf({ start, size })) {
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
      this.#host.log(`removing memory fails, because memory [${first}-${last}] is onlined`);
      return notOffline(busy);
    }
    const [first] = this.#blocksOf(range);
    // 4.1 asks the first page for its zone whether anything is there or not; later kernels find nothing to do.
    if (first !== undefined || this.#kernel.zones.spansShrink === "on-remove")
      await this.#remove(range, first === undefined ? 0 : this.#map.blocks.node(first));
    return done(undefined);
  }

  /** BUG_ON(check_hotplug_memory_range()), before anything else, in every kernel that memhp has (mm/memory_hotplug.c; l_add_memory_errnos). */
  #checkSteps(range: MemoryRange): void {
    const check = {
      kernel: this.#kernel,
      alignmentBytes: this.#host.addStep,
      log: this.#host.log,
    };
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
    return this.#blocksOf(range).find((block) => this.#map.blocks.state(block) !== BlockState.offline);
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
    for (const block of this.#blocksOf(range)) {
      const type: OnlineType = this.#map.blocks.zone(block) === ZONE_MOVABLE ? "movable" : "kernel";
      const result = await this.#host.offline(block);
      if (!result.ok) {
        for (const other of taken) await this.#host.online(other.block, other.type);
        return result;
      }
      if (result.value === "changed") taken.push({ block, type });
    }
    await this.#removeBlocks(range);
    return done(undefined);
  }

  async #removeBlocks(range: MemoryRange): Promise<void> {
    const [first] = this.#blocksOf(range);
    if (first !== undefined) await this.#remove(range, this.#map.blocks.node(first));
  }
}

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
