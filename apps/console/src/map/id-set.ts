import type { BlockColumns } from "../session/block-columns.ts";

/** Blocks of a machine as one byte each: half a million are chosen at once without a hash of them. */
export class IdSet implements ReadonlySet<number> {
  readonly size: number;
  /** The shape that it was made for. */
  readonly ids: Int32Array;
  readonly #mask: Uint8Array;
  readonly #indexOf: BlockColumns["indexOf"];

  constructor(chosen: Iterable<number>, { ids, indexOf }: Pick<BlockColumns, "ids" | "indexOf">) {
    this.ids = ids;
    this.#indexOf = indexOf;
    this.#mask = new Uint8Array(ids.length);
    let size = 0;
    for (const id of chosen) {
      const at = indexOf(id);
      if (at < 0 || this.#mask[at] === 1) continue;
      this.#mask[at] = 1;
      size += 1;
    }
    this.size = size;
  }

  has(id: number): boolean {
    const at = this.#indexOf(id);
    return at >= 0 && this.#mask[at] === 1;
  }

  *values(): SetIterator<number> {
    for (let i = 0; i < this.#mask.length; i++) if (this.#mask[i] === 1) yield this.ids[i] as number;
    return undefined;
  }
  [Symbol.iterator](): SetIterator<number> {
    return this.values();
  }
  keys(): SetIterator<number> {
    return this.values();
  }
  *entries(): SetIterator<[number, number]> {
    for (const id of this.values()) yield [id, id];
    return undefined;
  }
  forEach(visit: (id: number, again: number, set: ReadonlySet<number>) => void): void {
    for (const id of this.values()) visit(id, id, this);
  }
}
