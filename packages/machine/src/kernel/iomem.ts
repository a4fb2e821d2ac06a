import type { IomemEntry } from "@memhp/sysfs";

/** One resource; bytes, `end` exclusive. */
export interface Resource {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  /** A busy resource admits none inside it. */
  readonly busy: boolean;
}

/** The resource tree behind /proc/iomem. Bytes; `end` exclusive here, inclusive in the view. */
export class Iomem {
  #resources: readonly Resource[];
  readonly #limit: number;

  /** @param limit end of the physical address space. */
  constructor(limit: number, resources: readonly Resource[] = []) {
    this.#limit = limit;
    this.#resources = resources;
  }

  snapshot(): readonly Resource[] {
    return this.#resources;
  }

  insert(start: number, end: number, name: string, busy = true): void {
    this.#resources = [...this.#resources, { start, end, name, busy }].sort(
      (a, b) => a.start - b.start || b.end - a.end,
    );
  }

  /** merge_system_ram_resource: busy neighbours of the same name and parent become one (kernel/resource.c). */
  merge(start: number, end: number, name: string): void {
    const parent = this.#resources.findLast((each) => !each.busy && each.start <= start && end <= each.end);
    const isNeighbour = (each: Resource): boolean =>
      each.busy &&
      each.name === name &&
      (each.end === start || each.start === end) &&
      (parent === undefined || (each.start >= parent.start && each.end <= parent.end));
    const neighbours = this.#resources.filter(isNeighbour);
    this.#resources = this.#resources.filter((each) => !neighbours.includes(each));
    this.insert(
      Math.min(start, ...neighbours.map((each) => each.start)),
      Math.max(end, ...neighbours.map((each) => each.end)),
      name,
    );
  }

  /** Takes away a resource of just these bounds and this name. */
  drop(start: number, end: number, name: string): void {
    this.#resources = this.#resources.filter((each) => each.start !== start || each.end !== end || each.name !== name);
  }

  /**
   * The resource that stands in the way of a new one, if any.
   * @param insideIdle a resource that is not busy and contains the range does not.
   */
  conflict(start: number, end: number, insideIdle: boolean): string | undefined {
    if (end > this.#limit) return "the end of the physical address space";
    const isInTheWay = (other: Resource): boolean => {
      if (end <= other.start || start >= other.end) return false;
      return !(insideIdle && !other.busy && other.start <= start && end <= other.end);
    };
    return this.#resources.find(isInTheWay)?.name;
  }

  /**
   * release_mem_region_adjustable: removes RAM, splitting the entry that holds all of it. Where none does, as after a DIMM
   * over a probed part of its range (observed-4.1 §7), everything stays: the kernel only warns (facts/kernel.md §5.2).
   */
  release(start: number, end: number): void {
    this.#resources = this.#resources.flatMap((entry) => {
      if (!entry.busy || start < entry.start || end > entry.end) return [entry];
      return [
        { ...entry, end: Math.min(entry.end, start) },
        { ...entry, start: Math.max(entry.start, end) },
      ].filter((piece) => piece.start < piece.end);
    });
  }

  view(): IomemEntry[] {
    const build = (resources: readonly Resource[]): IomemEntry[] => {
      const roots: { resource: Resource; inside: Resource[] }[] = [];
      for (const resource of resources) {
        const parent = roots.find((root) => root.resource.start <= resource.start && resource.end <= root.resource.end);
        if (parent === undefined) roots.push({ resource, inside: [] });
        else parent.inside.push(resource);
      }
      return roots.map(({ resource, inside }) => ({
        start: resource.start,
        end: resource.end - 1,
        name: resource.name,
        children: build(inside),
      }));
    };
    return build(this.#resources);
  }
}
