import { type PageKindName, zoneNames } from "@memhp/abi";
import { type PageStoreImage, progressionsOf } from "@memhp/engine";
import type { HostMemory } from "../judge/host-memory.ts";
import { hugepagesIn } from "../judge/looked.ts";
import type { Hugepage } from "../pages/hugepages.ts";
import type { KnownPage } from "../pages/page-kind.ts";
import { Column } from "./columns.ts";
import { FreeChunks } from "./free-chunks.ts";
import { allParts, type MappedBlock } from "./host-map.ts";
import { type HostPageUse, Owner, owners, useOfPage } from "./page-use.ts";

const ZONES = zoneNames.length;
const MOVABLE = zoneNames.indexOf("Movable");
/** Zone of a row whose pageblocks lie in several. */
const SEVERAL_ZONES = 0xffff;
/** Number of the use of free frames. */
const FREE = -1;
const UNMOVABLE_TYPE = 0;
const MOVABLE_TYPE = 1;
const PMD_ORDER = 9;
const PUD_ORDER = 18;

/** Frames of one use in a row. */
interface FrameRun {
  readonly start: number;
  readonly pages: number;
  /** Undefined for free ones. */
  readonly use: HostPageUse | undefined;
}

/** Whether pages of a block without a flag are free, on a processor's list, by what is judged of it. */
export type UnmarkedPages = (block: number, pfn: number) => "free" | "unknown";

/** The online pages of one node, as an image holds them. */
export class NodePages {
  readonly #memory: HostMemory;
  readonly #node: number;
  readonly #unmarked: UnmarkedPages;
  readonly #uses: { kind: PageKindName; owner: number; order: number; references: number; poisoned: boolean }[] = [];
  readonly #useNumbers = new Map<string, number>();
  readonly #free: FreeChunks;
  readonly #frames = new Column();
  readonly #pageblocks = { zone: new Column(), type: new Column(), savedType: new Column() };
  readonly #rows = { zone: new Column(), type: new Column(), hasFrames: new Column() };
  readonly #blocks: number[] = [];
  readonly #touched: number[] = [];
  readonly #ownerPages = owners.map(() => 0);
  readonly #kinds = new Map<string, number>();
  readonly #types = new Map<string, number>();
  readonly #present: number[] = Array.from({ length: ZONES }, () => 0);
  readonly #poisoned: number[] = [];

  constructor(memory: HostMemory, node: number, unmarked: UnmarkedPages) {
    this.#memory = memory;
    this.#node = node;
    this.#unmarked = unmarked;
    this.#free = new FreeChunks(memory.host.blockSize / memory.host.pageSize);
  }

  /** Pages of a zone that are neither reserved nor a memmap of their own block. */
  managed(zone: number): number {
    const kind = (name: PageKindName): number => this.#kinds.get(`${zone} ${name}`) ?? 0;
    return (this.#present[zone] as number) - kind("reserved") - kind("self_hosted");
  }

  /** Online pages of a zone, without holes. */
  present(zone: number): number {
    return this.#present[zone] as number;
  }

  /** Takes an online block; blocks come in ascending order. */
  add(whole: MappedBlock): void {
    const block = this.#ownPart(whole);
    const { host } = this.#memory;
    const blockPages = host.blockSize / host.pageSize;
    const runs = [...this.#runsOf(block)];
    const isWhole = block.parts === undefined && runs.every(({ use }) => use === undefined);
    this.#blocks.push(block.block);
    this.#rows.zone.add(block.parts === undefined || isOneZone(block) ? zoneOfRow(block) : SEVERAL_ZONES);
    this.#rows.type.add(MOVABLE_TYPE);
    this.#rows.hasFrames.add(isWhole ? 0 : 1);
    for (const part of allParts(block))
      if (part.ram) this.#present[part.zone] = (this.#present[part.zone] as number) + part.endPfn - part.startPfn;
    if (isWhole) {
      this.#free.addWhole(block.zone, block.block);
      this.#count(this.#types, `${block.zone} ${MOVABLE_TYPE}`, blockPages / host.pageblockPages);
      return;
    }
    this.#touched.push(block.block);
    this.#addFrames(block, runs);
  }

  /** Pages of other nodes in a block are holes to this one, in the zone of its own. */
  #ownPart(block: MappedBlock): MappedBlock {
    const own = block.parts?.find((part) => part.node === this.#node);
    if (block.nodes.length < 2 || own === undefined) return block;
    const parts = block.parts?.map((part) =>
      part.node === this.#node ? part : { ...part, node: this.#node, zone: own.zone, ram: false },
    );
    return { ...block, ...(parts === undefined ? {} : { parts }) };
  }

  finish(): PageStoreImage {
    const { zone, type, hasFrames } = this.#rows;
    const count = this.#blocks.length;
    const all = (value: number): number[] => (count === 0 ? [] : [value, count]);
    const split = (key: string): [number, string] => [
      Number(key.slice(0, key.indexOf(" "))),
      key.slice(key.indexOf(" ") + 1),
    ];
    return {
      node: this.#node,
      owners: [...owners],
      ownerPages: this.#ownerPages,
      blocks: progressionsOf(this.#blocks),
      zone: zone.runs,
      type: type.runs,
      savedType: all(MOVABLE_TYPE),
      held: all(0),
      kernel: all(0),
      memmap: all(0),
      before: all(0),
      behind: all(0),
      highFirst: all(0),
      hasFrames: hasFrames.runs,
      use: all(FREE),
      uses: this.#uses,
      touched: progressionsOf(this.#touched),
      freeTurns: [],
      pageblocks: {
        zone: this.#pageblocks.zone.runs,
        type: this.#pageblocks.type.runs,
        savedType: this.#pageblocks.savedType.runs,
      },
      frames: this.#frames.runs,
      free: this.#free.lists(),
      counters: {
        freePages: this.#free.pagesByZone(ZONES),
        presentPages: this.#present,
        kinds: [...this.#kinds].map(([key, pages]) => {
          const [at, kind] = split(key);
          return [at, kind as PageKindName, pages] as const;
        }),
        pageblocks: [...this.#types].map(([key, blocks]) => {
          const [at, each] = split(key);
          return [at, Number(each), blocks] as const;
        }),
      },
      pools: this.#pools(),
      reservedHugepages: [],
      targetHugepages: [],
      poisonedPfns: this.#poisoned,
      corruptedPages: this.#poisoned.length,
      memmapPages: 0,
      memmapChunks: [],
      migrateSuccess: 0,
      migrateFail: 0,
    };
  }

  #pools(): PageStoreImage["pools"] {
    const sizes = new Map<number, { total: number; free: number[] }>();
    const { host } = this.#memory;
    const blockPages = host.blockSize / host.pageSize;
    const touched = new Set(this.#touched);
    for (const page of this.#memory.hugepages) {
      const block = Math.floor(page.headPfn / blockPages);
      const order = orderOf(page);
      if (order === undefined || !touched.has(block)) continue;
      const pool = sizes.get(order) ?? { total: 0, free: [] };
      pool.total++;
      if (!page.isMapped) pool.free.push(page.headPfn);
      sizes.set(order, pool);
    }
    return [...sizes].map(([order, pool]) => ({ order, ...pool }));
  }

  #addFrames({ parts, zone, startPfn: start, endPfn: end }: MappedBlock, runs: readonly FrameRun[]): void {
    const { pageblockPages } = this.#memory.host;
    const zoneAt = (pfn: number): number => parts?.find((part) => pfn < part.endPfn)?.zone ?? zone;
    const typeOf = new Map<number, number>();
    for (const run of runs) {
      if (run.use === undefined || run.use.owner === Owner.programs || run.use.kind.startsWith("hugetlb")) continue;
      for (let pfn = run.start; pfn < run.start + run.pages; pfn = nextMultiple(pfn, pageblockPages))
        if (run.use.kind !== "hwpoison" && run.use.kind !== "offline")
          typeOf.set(Math.floor(pfn / pageblockPages), UNMOVABLE_TYPE);
    }
    const typeAt = (pfn: number): number =>
      zoneAt(pfn) === MOVABLE ? MOVABLE_TYPE : (typeOf.get(Math.floor(pfn / pageblockPages)) ?? MOVABLE_TYPE);
    for (let pfn = start; pfn < end; pfn += pageblockPages) {
      this.#pageblocks.zone.add(zoneAt(pfn));
      this.#pageblocks.type.add(typeAt(pfn));
      this.#pageblocks.savedType.add(MOVABLE_TYPE);
      this.#count(this.#types, `${zoneAt(pfn)} ${typeAt(pfn)}`, 1);
    }
    for (const { start: from, pages, use } of runs) {
      if (use === undefined) {
        this.#frames.add(FREE, pages);
        this.#free.add(from, from + pages, zoneAt, typeAt);
        continue;
      }
      this.#frames.add(this.#numberOf(use), pages);
      this.#ownerPages[use.owner] = (this.#ownerPages[use.owner] as number) + pages;
      for (let pfn = from; pfn < from + pages;) {
        const until = Math.min(from + pages, parts?.find((part) => pfn < part.endPfn)?.endPfn ?? from + pages);
        this.#count(this.#kinds, `${zoneAt(pfn)} ${use.kind}`, until - pfn);
        pfn = until;
      }
      if (use.kind === "hwpoison") for (let pfn = from; pfn < from + pages; pfn++) this.#poisoned.push(pfn);
    }
  }

  #count(counts: Map<string, number>, key: string, by: number): void {
    counts.set(key, (counts.get(key) ?? 0) + by);
  }

  #numberOf({ kind, owner, order }: HostPageUse): number {
    const key = `${kind} ${owner} ${order}`;
    const known = this.#useNumbers.get(key);
    if (known !== undefined) return known;
    this.#uses.push({ kind, owner, order, references: 0, poisoned: kind === "hwpoison" });
    this.#useNumbers.set(key, this.#uses.length - 1);
    return this.#uses.length - 1;
  }

  /** Runs of uses over a block: what firmware keeps is a hole, whatever its flags; pages that no file tells of are unknown. */
  *#runsOf(block: MappedBlock): IterableIterator<FrameRun> {
    let last: { start: number; pages: number; use: HostPageUse | undefined } | undefined;
    for (const next of this.#pieces(block)) {
      if (last !== undefined && isSame(last.use, next.use)) last.pages += next.pages;
      else {
        if (last !== undefined) yield last;
        last = { ...next };
      }
    }
    if (last !== undefined) yield last;
  }

  *#pieces(block: MappedBlock): IterableIterator<FrameRun> {
    for (const part of allParts(block))
      if (part.ram) yield* this.#told(block.block, part.startPfn, part.endPfn);
      else
        yield {
          start: part.startPfn,
          pages: part.endPfn - part.startPfn,
          use: { kind: "hole", owner: Owner.kernel, order: 0 },
        };
  }

  *#told(block: number, start: number, end: number): IterableIterator<FrameRun> {
    const { host, known } = this.#memory;
    let pfn = start;
    let owner: HostPageUse | undefined;
    const unknown: HostPageUse = { kind: "kernel", owner: Owner.unknown, order: 0 };
    for (const run of host.flags?.within(start, end) ?? []) {
      if (run.startPfn > pfn) yield { start: pfn, pages: run.startPfn - pfn, use: unknown };
      const page = known[run.value] as KnownPage;
      pfn = run.startPfn + run.pages;
      if (page.kind === "hugetlb") {
        yield* hugepageRuns(hugepagesIn(this.#memory, { start: run.startPfn, end: pfn }), run.startPfn, pfn);
        owner = undefined;
        continue;
      }
      if (page.isTail && owner !== undefined) {
        yield { start: run.startPfn, pages: run.pages, use: owner };
        continue;
      }
      owner = page.isHead ? headUse(page) : undefined;
      const use = owner ?? useOfPage(page);
      if (page.kind === "unmarked" && this.#unmarked(block, run.startPfn) === "free")
        yield { start: run.startPfn, pages: run.pages, use: undefined };
      else yield { start: run.startPfn, pages: run.pages, use };
    }
    if (pfn < end) yield { start: pfn, pages: end - pfn, use: unknown };
  }
}

/** A folio's pages are told one by one: the host's folios have sizes that the machine's have not. */
function headUse(page: KnownPage): HostPageUse {
  if (page.kind === "slab") return { kind: "slab", owner: Owner.kernel, order: 0 };
  if (!page.isLru) return { kind: "kernel", owner: Owner.kernel, order: 0 };
  return useOfPage({ ...page, kind: "lru" }) as HostPageUse;
}

function* hugepageRuns(hugepages: readonly Hugepage[], start: number, end: number): IterableIterator<FrameRun> {
  for (const page of hugepages) {
    const from = Math.max(start, page.headPfn);
    const to = Math.min(end, page.headPfn + page.pages);
    if (from >= to) continue;
    const order = orderOf(page);
    const size = order === PUD_ORDER ? "1g" : "2m";
    const kind = `hugetlb_${size}${page.isMapped ? "" : "_free"}` as PageKindName;
    const use: HostPageUse =
      order === undefined
        ? { kind: "kernel", owner: Owner.kernel, order: 0 }
        : { kind, owner: page.isMapped ? Owner.programs : Owner.kernel, order };
    yield { start: from, pages: to - from, use };
  }
}

function orderOf({ pages }: Hugepage): number | undefined {
  return pages === 2 ** PMD_ORDER ? PMD_ORDER : pages === 2 ** PUD_ORDER ? PUD_ORDER : undefined;
}

function isSame(a: HostPageUse | undefined, b: HostPageUse | undefined): boolean {
  return (
    a === b || (a !== undefined && b !== undefined && a.kind === b.kind && a.owner === b.owner && a.order === b.order)
  );
}

function isOneZone({ parts = [] }: MappedBlock): boolean {
  return new Set(parts.map(({ zone }) => zone)).size <= 1;
}

function zoneOfRow({ zone, parts }: MappedBlock): number {
  return parts?.[0]?.zone ?? zone;
}

function nextMultiple(pfn: number, size: number): number {
  return (Math.floor(pfn / size) + 1) * size;
}
