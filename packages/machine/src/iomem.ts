import type { IomemEntry } from "@memhp/sysfs";

/** System RAM resources of /proc/iomem, in address order. Bytes; `end` exclusive here, inclusive in the view. */
export class Iomem {
  #entries: { start: number; end: number; name: string; busy: boolean }[] = [];

  insert(start: number, end: number, name: string): void {
    this.#entries.push({ start, end, name, busy: true });
    this.#entries.sort((a, b) => a.start - b.start);
  }

  /** The entry that a range overlaps, if any. */
  conflict(start: number, end: number): string | undefined {
    return this.#entries.find((entry) => start < entry.end && entry.start < end)?.name;
  }

  /** release_mem_region_adjustable: removes a range, splitting the entry that holds it. */
  release(start: number, end: number): void {
    this.#entries = this.#entries.flatMap((entry) => {
      if (end <= entry.start || start >= entry.end) return [entry];
      return [
        { ...entry, end: Math.min(entry.end, start) },
        { ...entry, start: Math.max(entry.start, end) },
      ].filter((piece) => piece.start < piece.end);
    });
  }

  view(): IomemEntry[] {
    return this.#entries.map(({ start, end, name }) => ({ start, end: end - 1, name, children: [] }));
  }
}
