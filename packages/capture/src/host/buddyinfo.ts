/** Free chunks of one zone, by order. */
export interface FreeChunks {
  readonly node: number;
  readonly zone: string;
  readonly chunks: readonly number[];
}

/** Reads /proc/buddyinfo. */
export function parseBuddyinfo(text: string): FreeChunks[] {
  return text.split("\n").flatMap((line) => {
    const match = /^Node (\d{1,5}), zone\s+(\w+)((?:\s+\d{1,15})+)\s*$/.exec(line);
    if (match === null) return [];
    const chunks = (match[3] as string).trim().split(/\s+/).map(Number);
    return [{ node: Number(match[1]), zone: match[2] as string, chunks }];
  });
}

/** What /proc/pagetypeinfo tells besides free chunks. */
export interface PageTypes {
  /** Pages of a pageblock. */
  readonly pageblockPages: number;
  /** Number of pageblocks by zone and migrate type, keyed `0 Normal HighAtomic`. */
  readonly blocks: ReadonlyMap<string, number>;
}

/** Reads the counts of pageblocks in /proc/pagetypeinfo. */
export function parsePagetypeinfo(text: string): PageTypes | undefined {
  const pageblock = /^Pages per block:\s+(\d{1,7})$/m.exec(text);
  if (pageblock === null) return undefined;
  const blocks = new Map<string, number>();
  let types: readonly string[] = [];
  for (const line of text.split("\n")) {
    const head = /^Number of blocks type\s+(.*)$/.exec(line);
    if (head !== null) types = (head[1] as string).trim().split(/\s+/);
    const row = /^Node (\d{1,5}), zone\s+(\w+)((?:\s+\d{1,15})+)\s*$/.exec(line);
    if (row === null || types.length === 0) continue;
    const counts = (row[3] as string).trim().split(/\s+/).map(Number);
    types.forEach((type, at) => blocks.set(`${row[1]} ${row[2]} ${type}`, counts[at] ?? 0));
  }
  return { pageblockPages: Number(pageblock[1]), blocks };
}
