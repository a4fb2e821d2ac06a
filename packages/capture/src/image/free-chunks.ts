import { type FreeListImage, progressionsOf } from "@memhp/engine";

const LARGEST = 10;

/** Free pages as chunks of the buddy lists: the largest that their places allow, as merging makes them. */
export class FreeChunks {
  readonly #blockPages: number;
  readonly #lists = new Map<string, { zone: number; order: number; type: number; chunks: number[] }>();
  readonly #pages = new Map<number, number>();

  constructor(blockPages: number) {
    this.#blockPages = blockPages;
  }

  /** A block that is free as a whole. */
  addWhole(zone: number, block: number): void {
    this.#put(zone, LARGEST, 1, -1 - block, this.#blockPages);
  }

  /** Free pages of one block. A chunk lies in one zone; it stands on the list of its first pageblock's type. */
  add(start: number, end: number, zoneAt: (pfn: number) => number, typeAt: (pfn: number) => number): void {
    for (let pfn = start; pfn < end;) {
      let order = Math.min(LARGEST, Math.floor(Math.log2(end - pfn)));
      while (order > 0 && (pfn % 2 ** order !== 0 || zoneAt(pfn) !== zoneAt(pfn + 2 ** order - 1))) order--;
      this.#put(zoneAt(pfn), order, typeAt(pfn), pfn, 2 ** order);
      pfn += 2 ** order;
    }
  }

  lists(): FreeListImage[] {
    return [...this.#lists.values()]
      .sort((a, b) => a.zone - b.zone || a.order - b.order || a.type - b.type)
      .map(({ zone, order, type, chunks }) => ({ zone, order, type, chunks: progressionsOf(chunks) }));
  }

  pagesByZone(zones: number): number[] {
    return Array.from({ length: zones }, (_, zone) => this.#pages.get(zone) ?? 0);
  }

  #put(zone: number, order: number, type: number, chunk: number, pages: number): void {
    const key = `${zone}/${order}/${type}`;
    const list = this.#lists.get(key) ?? { zone, order, type, chunks: [] };
    list.chunks.push(chunk);
    this.#lists.set(key, list);
    this.#pages.set(zone, (this.#pages.get(zone) ?? 0) + pages);
  }
}
