import { type Architecture, isPowerOfTwo, type ZoneIndex } from "@memhp/abi";
import { BlockRows, grown, NIL, NO_SLOT, SEVERAL_ZONES, UNTOUCHED } from "./block-rows.ts";
import { GrowableBuffer } from "./growable-buffer.ts";
import { MIGRATE_CLASSES } from "./migrate-class.ts";
import { KINDS } from "./page-kind.ts";
import type { PageRules } from "./page-rules.ts";
import { MAX_OWNER } from "./page-state.ts";
import { SinglePages } from "./single-pages.ts";

/** One list: its first chunk, its last (not of single pages), how many chunks it has, and a word to keep them aligned. */
export const LIST_WORDS = 4;

const ZONES_PER_NODE = 5;
/** Spare room when the columns grow by themselves: growing stays rare, and a touched page stays below 10 bytes. */
const GROWTH = 1 / 16;
/** Page indices are 32-bit links: 8 TiB of touched 4 KiB pages in one store. */
const MAX_PAGES = 2 ** 31 - 1;

/** Hugepages of one size on one node. Free ones are a stack of page indices. */
export interface HugepagePool {
  readonly free: number[];
  /** nr_huge_pages of the node: free and in use. */
  total: number;
}

/**
 * The pages of the nodes that one shard owns, as flat columns. Nine bytes a touched page; a block whose
 * pages are all alike is a row. Plain data: what may be done with it are the functions of the neighbouring files.
 */
export class PageStore {
  readonly arch: Architecture;
  readonly blockPages: number;
  readonly rules: PageRules;
  readonly blockShift: number;
  readonly maxOrder: number;
  readonly pageblockOrder: number;
  /** Words of one zone's free lists: orders × migratetypes × LIST_WORDS. */
  readonly listWords: number;

  /** What the page is: see page-state.ts. */
  state: Uint8Array = new Uint8Array(0);
  /** Free head: next chunk of the list, or of a single page its place there. Used page: owner and order. */
  linkA: Int32Array = new Int32Array(0);
  /** Free head: previous chunk of the list, or of a single page 0. First page of a used one: references beyond the owner's (pins). */
  linkB: Int32Array = new Int32Array(0);
  /** Columns by pageblock. */
  pageblockType: Uint8Array = new Uint8Array(0);
  pageblockSaved: Uint8Array = new Uint8Array(0);
  pageblockZone: Uint16Array = new Uint16Array(0);
  /** Columns by slot: the block whose pages stand there, and a filter of the owners that may have pages in it. */
  slotRow: Int32Array = new Int32Array(0);
  slotOwners: Int32Array = new Int32Array(0);

  readonly rows: BlockRows = new BlockRows();

  /** Free lists (free-lists.ts): head, tail and count of chunks of each, in `LIST_WORDS` words. */
  lists: Int32Array = new Int32Array(0);
  /** Columns by zone slot. NR_FREE_PAGES leaves isolated pages out (facts §4.3). */
  freePages: Float64Array = new Float64Array(0);
  presentPages: Float64Array = new Float64Array(0);
  /** By zone slot × KINDS: pages of each kind that are in use. */
  kindPages: Float64Array = new Float64Array(0);
  /** By zone slot × migratetypes: pageblocks. */
  pageblocks: Int32Array = new Int32Array(0);

  /** Who holds pages, by the owner id in the link words, and how many base pages each holds. */
  readonly owners: (string | undefined)[] = ["kernel"];
  ownerPages: Float64Array = new Float64Array(16);
  /** By node and hugepage order. */
  readonly pools: Map<string, HugepagePool> = new Map();
  /** Reserved but not yet used hugepages, by order (resv_huge_pages), and the pool's target size (max_huge_pages). */
  readonly reservedHugepages: Map<number, number> = new Map();
  readonly targetHugepages: Map<number, number> = new Map();
  /** pfns with PG_hwpoison, of online and of offline blocks. */
  readonly poisonedPfns: Set<number> = new Set();
  /** num_poisoned_pages: HardwareCorrupted in pages. It can outlive the marks (observed-6 §9). */
  corruptedPages = 0;
  /** struct pages of hot-added memory: pages that are needed, and the largest chunks that hold them, in the order taken. */
  memmapPages = 0;
  readonly memmapChunks: number[] = [];
  /** vmstat: pgmigrate_success, pgmigrate_fail. */
  migrateSuccess = 0;
  migrateFail = 0;

  /** By zone slot × migratetypes. */
  readonly #singles: SinglePages[] = [];
  readonly #stateBytes = new GrowableBuffer();
  readonly #linkABytes = new GrowableBuffer();
  readonly #linkBBytes = new GrowableBuffer();
  readonly #nodeSlots = new Map<number, number>();
  readonly #nodeIds: number[] = [];
  readonly #unusedSlots: number[] = [];
  #slotEnd = 0;
  /** Rows by turn; -1 where a turn is free again, to be taken by the next block, last freed first. */
  #turnRow = new Int32Array(0);
  readonly #unusedTurns: number[] = [];
  #turnEnd = 0;

  /**
   * @throws RangeError where a largest chunk would not fit into a block: chunks never cross blocks.
   */
  constructor(rules: PageRules, arch: Architecture, blockPages: number) {
    if (!isPowerOfTwo(blockPages) || blockPages < 2 ** arch.maxPageOrder || arch.pageblockOrder > arch.maxPageOrder) {
      throw new RangeError(`a block of ${blockPages} pages cannot hold chunks of order ${arch.maxPageOrder}`);
    }
    this.arch = arch;
    this.blockPages = blockPages;
    this.rules = rules;
    this.blockShift = Math.round(Math.log2(blockPages));
    this.maxOrder = arch.maxPageOrder;
    this.pageblockOrder = arch.pageblockOrder;
    this.listWords = (this.maxOrder + 1) * MIGRATE_CLASSES * LIST_WORDS;
  }

  /** Slot of a zone of a node; it comes into being when first asked for. */
  zoneSlot(node: number, zone: ZoneIndex): number {
    const slot = this.#nodeSlots.get(node) ?? this.#addNode(node);
    return slot * ZONES_PER_NODE + zone;
  }
  nodeOfZone(zoneSlot: number): number {
    return this.#nodeIds[Math.floor(zoneSlot / ZONES_PER_NODE)] as number;
  }
  zoneIndexOf(zoneSlot: number): ZoneIndex {
    return (zoneSlot % ZONES_PER_NODE) as ZoneIndex;
  }
  /** Nodes with a slot, in order of their first use. */
  get nodes(): readonly number[] {
    return this.#nodeIds;
  }
  get zoneSlots(): number {
    return this.#nodeIds.length * ZONES_PER_NODE;
  }
  /** Slots that hold, or once held, a block's pages: indices below `slots << blockShift` are safe to read. */
  get slots(): number {
    return this.#slotEnd;
  }

  /** Bytes of all columns, those of rows and lists included. */
  get bytes(): number {
    const { rows } = this;
    const columns: readonly ArrayBufferView[] = [
      this.state,
      this.linkA,
      this.linkB,
      this.pageblockType,
      this.pageblockSaved,
      this.pageblockZone,
      this.slotRow,
      this.slotOwners,
      this.lists,
      this.freePages,
      this.presentPages,
      this.kindPages,
      this.pageblocks,
      this.ownerPages,
      rows.block,
      rows.slot,
      rows.turn,
      rows.kind,
      rows.owner,
      rows.highFirst,
      this.#turnRow,
      rows.zone,
      rows.type,
      rows.savedType,
      rows.held,
      rows.kernel,
      rows.memmap,
      rows.before,
      rows.behind,
      rows.next,
      rows.prev,
    ];
    const singles = this.#singles.reduce((sum, { bytes }) => sum + bytes, 0);
    return columns.reduce((sum, column) => sum + column.byteLength, singles);
  }

  /** The free list of single pages of a zone and migratetype. */
  singlePages(zoneSlot: number, type: number): SinglePages {
    // `MIGRATE_CLASSES` as a literal: see buddy.ts.
    return this.#singles[(Math.imul(zoneSlot, 5) + type) | 0] as SinglePages;
  }

  /** The id of an owner by its name; a name that nobody has yet gets one. @throws RangeError where all ids are taken. */
  ownerOf(name: string): number {
    const owner = this.owners.indexOf(name);
    return owner >= 0 ? owner : this.addOwner(name);
  }

  /** A free owner id under a name. @throws RangeError where all ids are taken. */
  addOwner(name: string): number {
    let owner = this.owners.indexOf(undefined, 1);
    if (owner < 0) owner = this.owners.length;
    if (owner > MAX_OWNER) throw new RangeError(`more than ${MAX_OWNER} owners of pages at a time`);
    if (owner >= this.ownerPages.length) this.ownerPages = grown(this.ownerPages, new Float64Array(2 * owner));
    this.owners[owner] = name;
    return owner;
  }

  /** Turns that blocks have, or once had. */
  get turns(): number {
    return this.#turnEnd;
  }
  /** Row of the block that has a turn, or -1. Who visits all pages goes by turns: blocks in the order in which they were touched. */
  rowOfTurn(turn: number): number {
    return this.#turnRow[turn] as number;
  }

  /** Turns that are free again, the one that is taken next last. */
  get unusedTurns(): readonly number[] {
    return this.#unusedTurns;
  }

  /** Gives turns to the rows of an untouched store, in their order; -1 is one of the unused. */
  restoreTurns(rows: readonly number[], unused: readonly number[]): void {
    this.#turnRow = Int32Array.from(rows);
    this.#turnEnd = rows.length;
    this.#unusedTurns.push(...unused);
    for (const [turn, row] of rows.entries()) if (row >= 0) this.rows.turn[row] = turn;
  }

  /** A block is touched for the first time. */
  takeTurn(row: number): void {
    if (this.rows.turn[row] !== UNTOUCHED) return;
    const turn = this.#unusedTurns.pop() ?? this.#turnEnd++;
    if (turn >= this.#turnRow.length)
      this.#turnRow = grown(this.#turnRow, new Int32Array(Math.max(16, Math.ceil(turn * 1.5))));
    this.#turnRow[turn] = row;
    this.rows.turn[row] = turn;
  }

  /** A block that was touched leaves. */
  releaseTurn(row: number): void {
    const turn = this.rows.turn[row] as number;
    if (turn === UNTOUCHED) return;
    this.#turnRow[turn] = -1;
    this.rows.turn[row] = UNTOUCHED;
    this.#unusedTurns.push(turn);
  }

  /** A slot for a block's pages, all free inside; and a turn, if it has none. */
  takeSlot(row: number): number {
    this.takeTurn(row);
    const unused = this.#unusedSlots.pop();
    if (unused === undefined && this.#slotEnd === this.slotRow.length) {
      this.#growSlots(this.#slotEnd + Math.max(1, Math.ceil(this.#slotEnd * GROWTH)));
    }
    const slot = unused ?? this.#slotEnd++;
    this.slotRow[slot] = row;
    this.slotOwners[slot] = 0;
    this.rows.slot[row] = slot;
    return slot;
  }

  /** Gives a slot back; its state column is cleared for the next block. */
  releaseSlot(row: number): void {
    const slot = this.rows.slot[row] as number;
    this.state.fill(0, slot * this.blockPages, (slot + 1) * this.blockPages);
    this.slotRow[slot] = -1;
    this.rows.slot[row] = NO_SLOT;
    this.#unusedSlots.push(slot);
  }

  #growSlots(slots: number): void {
    const pages = slots * this.blockPages;
    if (pages > MAX_PAGES) throw new RangeError(`more than ${MAX_PAGES} touched pages in one store`);
    const pageblocks = pages >> this.pageblockOrder;
    this.state = new Uint8Array(this.#stateBytes.grow(pages), 0, pages);
    this.linkA = new Int32Array(this.#linkABytes.grow(4 * pages), 0, pages);
    this.linkB = new Int32Array(this.#linkBBytes.grow(4 * pages), 0, pages);
    this.pageblockType = grown(this.pageblockType, new Uint8Array(pageblocks));
    this.pageblockSaved = grown(this.pageblockSaved, new Uint8Array(pageblocks));
    this.pageblockZone = grown(this.pageblockZone, new Uint16Array(pageblocks));
    this.slotRow = grown(this.slotRow, new Int32Array(slots));
    this.slotOwners = grown(this.slotOwners, new Int32Array(slots));
  }

  #addNode(node: number): number {
    const slot = this.#nodeIds.push(node) - 1;
    this.#nodeSlots.set(node, slot);
    const zones = (slot + 1) * ZONES_PER_NODE;
    if (zones >= SEVERAL_ZONES) throw new RangeError(`too many nodes in one store: ${slot + 1}`);
    while (this.#singles.length < zones * MIGRATE_CLASSES) this.#singles.push(new SinglePages());
    if (this.freePages.length < zones) {
      const capacity = Math.max(ZONES_PER_NODE, Math.ceil(zones * 1.5));
      const old = this.lists.length;
      this.lists = grown(this.lists, new Int32Array(capacity * this.listWords));
      for (let list = old; list < this.lists.length; list += LIST_WORDS) this.lists.fill(NIL, list, list + 2);
      this.freePages = grown(this.freePages, new Float64Array(capacity));
      this.presentPages = grown(this.presentPages, new Float64Array(capacity));
      this.kindPages = grown(this.kindPages, new Float64Array(capacity * KINDS));
      this.pageblocks = grown(this.pageblocks, new Int32Array(capacity * MIGRATE_CLASSES));
    }
    return slot;
  }
}
