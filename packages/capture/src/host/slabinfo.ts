/** A slab cache of /proc/slabinfo. Caches that the kernel merged stand there under the name of one. */
export interface SlabCache {
  readonly name: string;
  /** Base pages of one slab, as a rule: where memory is short, SLUB takes smaller ones. */
  readonly slabPages: number;
  readonly slabs: number;
}

const line: RegExp =
  /^(\S{1,64})\s+\d{1,15}\s+\d{1,15}\s+\d{1,9}\s+\d{1,9}\s+(\d{1,5}) : tunables .* : slabdata\s+\d{1,12}\s+(\d{1,12})\s/;

/** Caches that have slabs, of the text of /proc/slabinfo (version 2.x). */
export function parseSlabinfo(text: string): SlabCache[] {
  return text.split("\n").flatMap((each) => {
    const match = line.exec(each);
    if (match === null) return [];
    const [, name, slabPages, slabs] = match as unknown as [string, string, string, string];
    return Number(slabs) === 0 ? [] : [{ name, slabPages: Number(slabPages), slabs: Number(slabs) }];
  });
}
