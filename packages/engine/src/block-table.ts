import { type OnlineType, ZONE_MOVABLE } from "@memhp/abi";

/** Rest and transit states of a memory block as a row holds them. */
export const BlockState = { absent: 0, offline: 1, goingOnline: 2, online: 3, goingOffline: 4 } as const;
export type BlockState = (typeof BlockState)[keyof typeof BlockState];

/** Zone byte of a block whose pages are not all in one zone of one node. */
export const MIXED_ZONES = 0xff;
/** Zone byte of a block that no zone holds yet (6.x, before online). */
export const NO_ZONE = 0xfe;

/** Bits of a block's row. */
export const BlockFlag = {
  /** Present at boot, from the firmware memory map. */
  early: 1,
  /** has_unmovable_pages finds something in it: what `removable` of 4.1 asks. Later kernels do not ask before they offline. */
  unmovable: 2,
  /** The memmap lies on the block itself (memmap_on_memory). */
  selfHosted: 4,
  /** Bound to an ACPI device, so `firmware_node` exists. */
  firmware: 8,
  /** Driver-managed memory: no firmware memmap entry. */
  driverManaged: 16,
  /** Has pages with hardware errors. */
  poisoned: 32,
  /** Parts of it are present and not mapped, which the walk over its RAM does not find (NOMAP; observed-newer §4). */
  unmapped: 64,
} as const;

const CHUNK_BITS = 10;
const CHUNK = 1 << CHUNK_BITS;
const rememberedTypes: readonly (OnlineType | undefined)[] = [undefined, "online", "kernel", "movable"];

/** 1,024 neighbouring blocks as columns: 18 bytes a block. */
class Chunk {
  readonly state: Uint8Array = new Uint8Array(CHUNK);
  readonly zone: Uint8Array = new Uint8Array(CHUNK).fill(NO_ZONE);
  readonly flags: Uint8Array = new Uint8Array(CHUNK);
  readonly onlineType: Uint8Array = new Uint8Array(CHUNK);
  readonly node: Uint16Array = new Uint16Array(CHUNK);
  readonly presentPages: Uint32Array = new Uint32Array(CHUNK);
  readonly altmapPages: Uint32Array = new Uint32Array(CHUNK);
  readonly group: Int32Array = new Int32Array(CHUNK).fill(-1);
  /** No block from here on ever was: most machines have a few dozen. */
  end = 0;
}

/** One past the last block that is like the one at `i`, within a chunk. */
function endOfRun(chunk: Chunk, i: number, most: number = CHUNK): number {
  let end = i + 1;
  while (end < most && alike(chunk, end, chunk, i)) end++;
  return end;
}

/** Like blocks at `i` of two chunks. */
function alike(a: Chunk, i: number, b: Chunk, j: number): boolean {
  if (a.state[i] !== b.state[j]) return false;
  return (
    a.state[i] === BlockState.absent ||
    (a.zone[i] === b.zone[j] &&
      a.flags[i] === b.flags[j] &&
      a.onlineType[i] === b.onlineType[j] &&
      a.node[i] === b.node[j] &&
      a.presentPages[i] === b.presentPages[j] &&
      a.altmapPages[i] === b.altmapPages[j] &&
      a.group[i] === b.group[j])
  );
}

/** Neighbouring blocks that are alike. */
export interface BlockRun {
  /** The row of the first. */
  readonly row: BlockRow;
  readonly count: number;
}

/** Neighbouring blocks from block `first` on, up to and without `end`. */
export interface BlockRange {
  readonly first: number;
  readonly end: number;
}

/** One block's row, copied out. */
export interface BlockRow {
  readonly id: number;
  readonly state: BlockState;
  /** Zone index, `NO_ZONE` or `MIXED_ZONES`. */
  readonly zone: number;
  /** Bits of `BlockFlag`. */
  readonly flags: number;
  readonly node: number;
  /** RAM pages of the block; fewer than a whole block where the firmware map has holes. */
  readonly presentPages: number;
  /** Pages at the block's start that hold its own memmap (memmap_on_memory), else 0. */
  readonly altmapPages: number;
  /** Memory group (one DIMM), or -1. */
  readonly group: number;
  /** Online type remembered from an earlier write to `state` (facts/kernel.md §2.8). */
  readonly onlineType: OnlineType | undefined;
}

/** Online pages of a memory group, by kind of zone. */
export interface GroupPages {
  readonly kernelPages: number;
  readonly movablePages: number;
}

/** The row of a block that does not exist. */
export function absentRow(id: number): BlockRow {
  return {
    id,
    state: BlockState.absent,
    zone: NO_ZONE,
    flags: 0,
    node: 0,
    presentPages: 0,
    altmapPages: 0,
    group: -1,
    onlineType: undefined,
  };
}

function noBlock(id: number): RangeError {
  return new RangeError(`block: expected one that exists, found ${id}`);
}

/**
 * Every memory block of a machine or of a shard as rows of typed arrays, by block id.
 * A block that nobody watches costs its row and nothing else; absent ids cost nothing per chunk of 1,024.
 */
export class BlockTable {
  readonly #chunks = new Map<number, Chunk>();
  // Kept as blocks change: auto-movable asks at every online, and a DIMM may have thousands of blocks.
  readonly #groups = new Map<number, { kernelPages: number; movablePages: number }>();
  #sortedKeys: number[] | undefined;
  #count = 0;
  /** Where the last block was looked up: most who ask go from neighbour to neighbour. */
  #lastKey = -1;
  #lastChunk: Chunk | undefined;

  get size(): number {
    return this.#count;
  }

  has(id: number): boolean {
    return this.state(id) !== BlockState.absent;
  }

  state(id: number): BlockState {
    return (this.#chunkOf(id)?.state[id % CHUNK] ?? BlockState.absent) as BlockState;
  }
  zone(id: number): number {
    return this.#at(id).zone[id % CHUNK] as number;
  }
  flags(id: number): number {
    return this.#at(id).flags[id % CHUNK] as number;
  }
  hasFlag(id: number, flag: number): boolean {
    return (this.flags(id) & flag) !== 0;
  }
  node(id: number): number {
    return this.#at(id).node[id % CHUNK] as number;
  }
  presentPages(id: number): number {
    return this.#at(id).presentPages[id % CHUNK] as number;
  }
  altmapPages(id: number): number {
    return this.#at(id).altmapPages[id % CHUNK] as number;
  }
  group(id: number): number {
    return this.#at(id).group[id % CHUNK] as number;
  }
  groupPages(group: number): GroupPages {
    return this.#groups.get(group) ?? { kernelPages: 0, movablePages: 0 };
  }
  onlineType(id: number): OnlineType | undefined {
    return rememberedTypes[this.#at(id).onlineType[id % CHUNK] as number];
  }

  setState(id: number, state: BlockState): void {
    // A row that appears here would count nowhere.
    if (!this.has(id)) throw noBlock(id);
    const chunk = this.#at(id);
    this.#tally(chunk, id % CHUNK, -1);
    chunk.state[id % CHUNK] = state;
    this.#tally(chunk, id % CHUNK, 1);
  }
  setZone(id: number, zone: number): void {
    const chunk = this.#at(id);
    this.#tally(chunk, id % CHUNK, -1);
    chunk.zone[id % CHUNK] = zone;
    this.#tally(chunk, id % CHUNK, 1);
  }
  setFlag(id: number, flag: number, on: boolean): void {
    const chunk = this.#at(id);
    const old = chunk.flags[id % CHUNK] as number;
    chunk.flags[id % CHUNK] = on ? old | flag : old & ~flag;
  }
  setPresentPages(id: number, pages: number): void {
    const chunk = this.#at(id);
    this.#tally(chunk, id % CHUNK, -1);
    chunk.presentPages[id % CHUNK] = pages;
    this.#tally(chunk, id % CHUNK, 1);
  }
  setOnlineType(id: number, type: OnlineType | undefined): void {
    this.#at(id).onlineType[id % CHUNK] = rememberedTypes.indexOf(type);
  }

  row(id: number): BlockRow {
    const chunk = this.#at(id);
    const i = id % CHUNK;
    return {
      id,
      state: chunk.state[i] as BlockState,
      zone: chunk.zone[i] as number,
      flags: chunk.flags[i] as number,
      node: chunk.node[i] as number,
      presentPages: chunk.presentPages[i] as number,
      altmapPages: chunk.altmapPages[i] as number,
      group: chunk.group[i] as number,
      onlineType: rememberedTypes[chunk.onlineType[i] as number],
    };
  }

  /** Writes a whole row; the block comes into being if it was absent. */
  put(row: BlockRow): void {
    let chunk = this.#chunkOf(row.id);
    if (chunk === undefined) {
      this.#lastChunk = chunk = new Chunk();
      this.#chunks.set(this.#lastKey, chunk);
      this.#sortedKeys = undefined;
    }
    const i = row.id % CHUNK;
    this.#count += (row.state === BlockState.absent ? 0 : 1) - (chunk.state[i] === BlockState.absent ? 0 : 1);
    this.#tally(chunk, i, -1);
    chunk.state[i] = row.state;
    chunk.end = Math.max(chunk.end, i + 1);
    chunk.zone[i] = row.zone;
    chunk.flags[i] = row.flags;
    chunk.node[i] = row.node;
    chunk.presentPages[i] = row.presentPages;
    chunk.altmapPages[i] = row.altmapPages;
    chunk.group[i] = row.group;
    chunk.onlineType[i] = rememberedTypes.indexOf(row.onlineType);
    this.#tally(chunk, i, 1);
  }

  /** Writes a row for each of `count` neighbouring blocks; absent ones cease to exist. */
  putRun(row: BlockRow, count: number): void {
    for (let id = row.id; id < row.id + count;) {
      const i = id % CHUNK;
      const here = Math.min(CHUNK - i, row.id + count - id);
      this.put({ ...row, id });
      const chunk = this.#at(id);
      for (let each = i + 1; each < i + here; each++) {
        if (chunk.state[each] !== BlockState.absent) this.#count--;
        this.#tally(chunk, each, -1);
      }
      chunk.state.fill(row.state, i, i + here);
      chunk.end = Math.max(chunk.end, i + here);
      chunk.zone.fill(row.zone, i, i + here);
      chunk.flags.fill(row.flags, i, i + here);
      chunk.onlineType.fill(rememberedTypes.indexOf(row.onlineType), i, i + here);
      chunk.node.fill(row.node, i, i + here);
      chunk.presentPages.fill(row.presentPages, i, i + here);
      chunk.altmapPages.fill(row.altmapPages, i, i + here);
      chunk.group.fill(row.group, i, i + here);
      if (row.state !== BlockState.absent) this.#count += here - 1;
      this.#tally(chunk, i, 1, here - 1);
      id += here;
    }
  }

  /** Rows of the blocks of these ranges, absent ones included. @param ranges ascending, each block in one. */
  runsOf(ranges: Iterable<BlockRange>): BlockRun[] {
    const runs: { row: BlockRow; count: number }[] = [];
    let last: { row: BlockRow; count: number } | undefined;
    for (const { first, end } of ranges) {
      for (let id = first; id < end;) {
        const count = this.alikeFrom(id, end - id);
        if (last !== undefined && id === last.row.id + last.count && this.areAlike(last.row.id, id)) {
          last.count += count;
        } else {
          last = { row: this.has(id) ? this.row(id) : absentRow(id), count };
          runs.push(last);
        }
        id += count;
      }
    }
    return runs;
  }

  /** How many neighbours from `first` on are like it, itself among them. @param most how many count. */
  alikeFrom(first: number, most: number): number {
    let count = 0;
    while (count < most && (count === 0 || this.areAlike(first, first + count))) {
      const i = (first + count) % CHUNK;
      const here = Math.min(CHUNK, i + most - count);
      const chunk = this.#chunkOf(first + count);
      count += (chunk === undefined ? here : endOfRun(chunk, i, here)) - i;
    }
    return count;
  }

  /** Two blocks whose rows say the same, or of which neither is there. */
  areAlike(id: number, other: number): boolean {
    if (!this.has(id) || !this.has(other)) return this.has(id) === this.has(other);
    return alike(this.#at(id), id % CHUNK, this.#at(other), other % CHUNK);
  }

  /** The blocks as runs of neighbours that are alike, ascending. */
  *runs(): Generator<BlockRun> {
    for (const key of this.#keys()) {
      const chunk = this.#chunks.get(key) as Chunk;
      for (let i = 0; i < chunk.end;) {
        const end = endOfRun(chunk, i, chunk.end);
        if (chunk.state[i] !== BlockState.absent) yield { row: this.row(key * CHUNK + i), count: end - i };
        i = end;
      }
    }
  }

  remove(id: number): void {
    if (!this.has(id)) return;
    this.put(absentRow(id));
  }

  /** Block ids, ascending. */
  *ids(): Generator<number> {
    for (const key of this.#keys()) {
      const chunk = this.#chunks.get(key) as Chunk;
      for (let i = 0; i < chunk.end; i++) if (chunk.state[i] !== BlockState.absent) yield key * CHUNK + i;
    }
  }

  #keys(): readonly number[] {
    return (this.#sortedKeys ??= [...this.#chunks.keys()].sort((a, b) => a - b));
  }

  /** Counts blocks like one in its group (1) or takes them out (-1). */
  #tally(chunk: Chunk, i: number, sign: 1 | -1, blocks = 1): void {
    const group = chunk.group[i] as number;
    if (group < 0 || chunk.state[i] !== BlockState.online) return;
    let pages = this.#groups.get(group);
    if (pages === undefined) this.#groups.set(group, (pages = { kernelPages: 0, movablePages: 0 }));
    pages[chunk.zone[i] === ZONE_MOVABLE ? "movablePages" : "kernelPages"] +=
      sign * blocks * (chunk.presentPages[i] as number);
  }

  #chunkOf(id: number): Chunk | undefined {
    const key = Math.floor(id / CHUNK);
    if (key === this.#lastKey) return this.#lastChunk;
    this.#lastKey = key;
    return (this.#lastChunk = this.#chunks.get(key));
  }

  #at(id: number): Chunk {
    const chunk = this.#chunkOf(id);
    if (chunk === undefined) throw noBlock(id);
    return chunk;
  }
}
