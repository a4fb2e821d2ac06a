import { type Result, STRUCT_PAGE_BYTES } from "@memhp/abi";
import type { MachinePages } from "../pages/machine-pages.ts";

/** Nodes that hold the struct pages of sections, neighbours with the same one together. */
export type MemmapHomes = readonly (readonly [firstSection: number, count: number, node: number])[];

/** Where the struct pages of added memory lie, by section: they are free again when the memory is removed. */
export class AddedMemmap {
  readonly #pages: MachinePages;
  readonly #sectionPages: number;
  /** Node that holds the struct pages of a section. */
  readonly #homes = new Map<number, number>();

  constructor(pages: MachinePages, sectionPages: number, homes: MemmapHomes = []) {
    for (const [first, count, node] of homes) for (let i = 0; i < count; i++) this.#homes.set(first + i, node);
    this.#pages = pages;
    this.#sectionPages = sectionPages;
  }

  snapshot(): MemmapHomes {
    const runs: [number, number, number][] = [];
    for (const [section, node] of [...this.#homes].sort(([a], [b]) => a - b)) {
      const last = runs.at(-1);
      if (last !== undefined && last[0] + last[1] === section && last[2] === node) last[1]++;
      else runs.push([section, 1, node]);
    }
    return runs;
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
    for (const section of this.#sectionsIn(startPfn / this.#sectionPages, nrPages / this.#sectionPages)) {
      const home = this.#homes.get(section) as number;
      this.#homes.delete(section);
      byHome.set(home, (byHome.get(home) ?? 0) + this.#perSection);
    }
    for (const [home, pages] of byHome) await this.#pages.giveMemmapBack(home, pages);
  }
  /** Sections of a range that took something, ascending. A range may be much longer than memory. */
  #sectionsIn(first: number, count: number): number[] {
    if (count > this.#homes.size)
      return [...this.#homes.keys()].filter((each) => each >= first && each < first + count).sort((a, b) => a - b);
    const sections: number[] = [];
    for (let i = 0; i < count; i++) if (this.#homes.has(first + i)) sections.push(first + i);
    return sections;
  }
}
