import { type Result } from "@memhp/abi";
import type { MachinePages } from "../pages/machine-pages.ts";

/** sizeof(struct page) on every 64-bit kernel (facts §5.3). */
const STRUCT_PAGE_BYTES = 64;

/** Where the struct pages of added memory lie, by section: they are free again when the memory is removed. */
export class AddedMemmap {
  readonly #pages: MachinePages;
  readonly #sectionPages: number;
  /** Node that holds the struct pages of a section. */
  readonly #homes = new Map<number, number>();

  constructor(pages: MachinePages, sectionPages: number) {
    this.#pages = pages;
    this.#sectionPages = sectionPages;
  }

  get #perSection(): number {
    return (this.#sectionPages * STRUCT_PAGE_BYTES) / this.#pages.pageSize;
  }

  /** Takes the memmap of a range of whole sections from a node or its neighbours. */
  async take(node: number, startPfn: number, nrPages: number): Promise<Result<unknown>> {
    const sections = nrPages / this.#sectionPages;
    const taken = await this.#pages.takeMemmap(node, sections * this.#perSection);
    if (taken.ok) {
      for (let i = 0; i < sections; i++) this.#homes.set(startPfn / this.#sectionPages + i, taken.value);
    }
    return taken;
  }

  /** Gives back what the sections of a range took. */
  async giveBack(startPfn: number, nrPages: number): Promise<void> {
    const byHome = new Map<number, number>();
    for (let section = startPfn / this.#sectionPages; section < (startPfn + nrPages) / this.#sectionPages; section++) {
      const home = this.#homes.get(section);
      if (home === undefined) continue;
      this.#homes.delete(section);
      byHome.set(home, (byHome.get(home) ?? 0) + this.#perSection);
    }
    for (const [home, pages] of byHome) await this.#pages.giveMemmapBack(home, pages);
  }
}
