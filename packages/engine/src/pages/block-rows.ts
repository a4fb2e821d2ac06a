/** The id of no chunk: ends a free list. */
export const NIL = -1;
/** Slot of a block whose pages stand in no columns. */
export const NO_SLOT = -1;
/** Turn of a block whose pages nobody has touched. */
export const UNTOUCHED = -1;
/** Zone of a block whose pageblocks lie in several zones; then each pageblock knows. */
export const SEVERAL_ZONES = 0xffff;

/** A free list holds pages (their index, from 0) and whole blocks (row r as -2 - r). */
export function chunkOfRow(row: number): number {
  return -2 - row;
}
export function rowOfChunk(id: number): number {
  return -2 - id;
}

const LOOKUP_BITS = 10;
const LOOKUP = 1 << LOOKUP_BITS;

/**
 * Online blocks as rows of typed arrays: 37 bytes a block. A row without a slot stands for a block whose pages are
 * all alike, in pageblocks of one migratetype. If they are free, it is a member of the free list of the largest order; if
 * they are in use, each is a page of its own, of one kind and owner, with no other references. Where the kernel holds the
 * block's first largest chunks since boot, `held` counts them; the rest is alike as before.
 */
export class BlockRows {
  block: Int32Array = new Int32Array(0);
  slot: Int32Array = new Int32Array(0);
  zone: Uint16Array = new Uint16Array(0);
  /** When the block's pages were first touched: its place among those that were (`PageStore.turns`), or `UNTOUCHED`. */
  turn: Int32Array = new Int32Array(0);
  /** What the pages of a row without a slot are: a `PageKind`, 0 where they are free, and whose. */
  kind: Uint8Array = new Uint8Array(0);
  owner: Uint16Array = new Uint16Array(0);
  /** 1 where the highest of a free row's chunks comes first on the list. */
  highFirst: Uint8Array = new Uint8Array(0);
  /** Migratetype of every pageblock of a row without a slot, and the one that isolation remembers. */
  type: Uint8Array = new Uint8Array(0);
  savedType: Uint8Array = new Uint8Array(0);
  /** Largest chunks at the block's start that the kernel holds. Only counts while the block has no slot. */
  held: Uint16Array = new Uint16Array(0);
  /** How many of them the running kernel allocated (slab, page tables, stacks): those behind what boot reserved. */
  kernel: Uint16Array = new Uint16Array(0);
  /** How many of them, the last ones, are memmap of memory that was added later. */
  memmap: Uint16Array = new Uint16Array(0);
  /**
   * Largest chunks at the block's start and at its end that are other nodes' RAM, and so holes here. Only counts while the block has
   * no slot; such a row is free: whoever uses its pages gives it columns.
   */
  before: Uint16Array = new Uint16Array(0);
  behind: Uint16Array = new Uint16Array(0);
  next: Int32Array = new Int32Array(0);
  prev: Int32Array = new Int32Array(0);
  readonly #lookup = new Map<number, Int32Array>();
  readonly #unused: number[] = [];
  #end = 0;
  #size = 0;

  /** Online blocks. */
  get size(): number {
    return this.#size;
  }

  /** Row of a block, or -1 if it is not online. */
  find(block: number): number {
    const rows = this.#lookup.get(Math.floor(block / LOOKUP));
    return rows === undefined ? -1 : (rows[block % LOOKUP] as number) - 1;
  }

  add(block: number, zone: number, type: number): number {
    const row = this.#unused.pop() ?? this.#append();
    this.block[row] = block;
    this.slot[row] = NO_SLOT;
    this.turn[row] = UNTOUCHED;
    this.kind[row] = 0;
    this.owner[row] = 0;
    this.zone[row] = zone;
    this.type[row] = type;
    this.savedType[row] = type;
    this.held[row] = 0;
    this.kernel[row] = 0;
    this.memmap[row] = 0;
    this.before[row] = 0;
    this.behind[row] = 0;
    const key = Math.floor(block / LOOKUP);
    let rows = this.#lookup.get(key);
    if (rows === undefined) this.#lookup.set(key, (rows = new Int32Array(LOOKUP)));
    rows[block % LOOKUP] = row + 1;
    this.#size++;
    return row;
  }

  remove(row: number): void {
    const block = this.block[row] as number;
    (this.#lookup.get(Math.floor(block / LOOKUP)) as Int32Array)[block % LOOKUP] = 0;
    this.block[row] = -1;
    this.#unused.push(row);
    this.#size--;
  }

  /** Rows in use, in order of block id. */
  *ascending(): Generator<number> {
    for (const key of [...this.#lookup.keys()].sort((a, b) => a - b)) {
      for (const row of this.#lookup.get(key) as Int32Array) if (row !== 0) yield row - 1;
    }
  }

  #append(): number {
    if (this.#end === this.block.length) {
      const capacity = Math.max(16, Math.ceil(this.#end * 1.5));
      this.block = grown(this.block, new Int32Array(capacity));
      this.slot = grown(this.slot, new Int32Array(capacity));
      this.turn = grown(this.turn, new Int32Array(capacity));
      this.kind = grown(this.kind, new Uint8Array(capacity));
      this.owner = grown(this.owner, new Uint16Array(capacity));
      this.highFirst = grown(this.highFirst, new Uint8Array(capacity));
      this.zone = grown(this.zone, new Uint16Array(capacity));
      this.type = grown(this.type, new Uint8Array(capacity));
      this.savedType = grown(this.savedType, new Uint8Array(capacity));
      this.held = grown(this.held, new Uint16Array(capacity));
      this.kernel = grown(this.kernel, new Uint16Array(capacity));
      this.memmap = grown(this.memmap, new Uint16Array(capacity));
      this.before = grown(this.before, new Uint16Array(capacity));
      this.behind = grown(this.behind, new Uint16Array(capacity));
      this.next = grown(this.next, new Int32Array(capacity));
      this.prev = grown(this.prev, new Int32Array(capacity));
    }
    return this.#end++;
  }
}

/** Copies an old column into a longer one. */
export function grown<T extends { set(from: ArrayLike<number>): void }>(old: ArrayLike<number>, longer: T): T {
  longer.set(old);
  return longer;
}
