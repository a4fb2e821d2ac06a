import type { KernelRange } from "../kernel-memory.ts";
import { isRangeFree } from "./carve.ts";
import { PageKind } from "./page-kind.ts";
import type { PageStore } from "./page-store.ts";
import { type HeldChunks, reserveRange } from "./populate.ts";

/** What the kernel holds of each block when it has booted: whole blocks in largest chunks, of other blocks the frames. */
export class BootReservations {
  readonly #ranges: readonly KernelRange[];
  readonly #blockPages: number;
  readonly #chunkPages: number;

  constructor(ranges: readonly KernelRange[], blockPages: number, chunkPages: number) {
    this.#ranges = ranges;
    this.#blockPages = blockPages;
    this.#chunkPages = chunkPages;
  }

  /** Of whole blocks, by block. Their frames lie at the block's start: which ones they are shows nowhere but in refusals. */
  chunks(): Map<number, HeldChunks> {
    const pages = new Map<number, { reserved: number; kernel: number }>();
    for (const { block, startPfn, endPfn, kind } of this.#byBlock()) {
      const held = pages.get(block) ?? { reserved: 0, kernel: 0 };
      held[kind] += endPfn - startPfn;
      pages.set(block, held);
    }
    const most = this.#blockPages / this.#chunkPages;
    const chunks = (count: number): number => Math.ceil(count / this.#chunkPages);
    return new Map(
      [...pages].map(([block, { reserved, kernel }]) => {
        const first = Math.min(most, chunks(reserved));
        return [block, { reserved: first, kernel: Math.min(most - first, chunks(kernel)) }];
      }),
    );
  }

  /** Takes the frames that a node has of a block with holes or of several zones. */
  takeFrames(store: PageStore, node: number, block: number): void {
    for (const range of this.#byBlock()) {
      if (range.block !== block || range.node !== node) continue;
      const { startPfn, endPfn, kind } = range;
      if (isRangeFree(store, startPfn, endPfn - startPfn))
        reserveRange(store, startPfn, endPfn - startPfn, PageKind[kind]);
    }
  }

  *#byBlock(): Generator<KernelRange & { readonly block: number }> {
    for (const range of this.#ranges) {
      for (
        let block = Math.floor(range.startPfn / this.#blockPages);
        block * this.#blockPages < range.endPfn;
        block++
      ) {
        const startPfn = Math.max(range.startPfn, block * this.#blockPages);
        const endPfn = Math.min(range.endPfn, (block + 1) * this.#blockPages);
        yield { ...range, block, startPfn, endPfn };
      }
    }
  }
}
