import type { KernelRange } from "../kernel-memory.ts";
import { isRangeFree } from "./split-free-chunk.ts";
import { PageKind } from "./page-kind.ts";
import type { PageStore } from "./page-store.ts";
import { type HeldChunks, reserveRange } from "./populate.ts";

/** What the kernel holds of each block when it has booted: whole blocks in largest chunks, of other blocks the frames. */
export class BootReservations {
  /** Frames of each block, in the order in which the kernel took them. */
  readonly #ofBlock = new Map<number, KernelRange[]>();
  readonly #blockPages: number;
  readonly #chunkPages: number;

  constructor(ranges: readonly KernelRange[], blockPages: number, chunkPages: number) {
    this.#blockPages = blockPages;
    this.#chunkPages = chunkPages;
    for (const range of ranges) {
      const last = Math.ceil(range.endPfn / blockPages) - 1;
      for (let block = Math.floor(range.startPfn / blockPages); block <= last; block++) this.#note(block, range);
    }
  }

  /** Of whole blocks, by block. Their frames lie at the block's start: which ones they are shows nowhere but in refusals. */
  chunks(): Map<number, HeldChunks> {
    return new Map([...this.#ofBlock].map(([block, ranges]) => [block, this.#chunksIn(ranges)]));
  }

  /** Of what a node has of a block. */
  chunksOf(node: number, block: number): HeldChunks | undefined {
    const own = this.#ofBlock.get(block)?.filter((range) => range.node === node) ?? [];
    return own.length === 0 ? undefined : this.#chunksIn(own);
  }

  #chunksIn(ranges: readonly KernelRange[]): HeldChunks {
    const most = this.#blockPages / this.#chunkPages;
    const chunksOf = (kind: KernelRange["kind"]): number => {
      const pages = ranges.reduce((sum, each) => sum + (each.kind === kind ? each.endPfn - each.startPfn : 0), 0);
      return Math.ceil(pages / this.#chunkPages);
    };
    const reserved = Math.min(most, chunksOf("reserved"));
    return { reserved, kernel: Math.min(most - reserved, chunksOf("kernel")) };
  }

  /** Takes the frames that a node has of a block with holes or of several zones. */
  takeFrames(store: PageStore, node: number, block: number): void {
    for (const { node: home, kind, startPfn, endPfn } of this.#ofBlock.get(block) ?? []) {
      if (home === node && isRangeFree(store, startPfn, endPfn - startPfn))
        reserveRange(store, startPfn, endPfn - startPfn, PageKind[kind]);
    }
  }

  #note(block: number, range: KernelRange): void {
    const startPfn = Math.max(range.startPfn, block * this.#blockPages);
    const endPfn = Math.min(range.endPfn, (block + 1) * this.#blockPages);
    const part = { ...range, startPfn, endPfn };
    const parts = this.#ofBlock.get(block);
    if (parts === undefined) this.#ofBlock.set(block, [part]);
    else parts.push(part);
  }
}
