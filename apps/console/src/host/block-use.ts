import type { Machine } from "@memhp/machine";

/** Others get a turn after so many blocks. */
const AT_A_TIME = 512;
/** Of more, none is looked at: nobody tells so many squares apart, and all their pages would be counted. */
const MOST_BLOCKS = 16_384;

/** What part of each block's pages is free, and what part loads hold; from 0 to 1, -1 for a block that has no pages online. */
export interface BlockUse {
  readonly free: Float32Array;
  readonly load: Float32Array;
}

/** @returns undefined where there are too many blocks */
export async function blockUse(machine: Machine, ids: Int32Array): Promise<BlockUse | undefined> {
  if (ids.length > MOST_BLOCKS) return undefined;
  const { blockPages, blocks } = machine.map;
  const free = new Float32Array(ids.length).fill(-1);
  const load = new Float32Array(ids.length).fill(-1);
  for (const [i, id] of ids.entries()) {
    if (i % AT_A_TIME === AT_A_TIME - 1) await new Promise((turn) => setTimeout(turn));
    if (!blocks.has(id)) continue;
    let [online, freePages, loadPages] = [0, 0, 0];
    for (const { count, page } of await machine.pages.runs(id * blockPages, blockPages)) {
      if (page === undefined || page.kind === "hole" || page.kind === "offline") continue;
      online += count;
      if (page.kind === "free") freePages += count;
      else if (page.owner?.startsWith("load:") === true) loadPages += count;
    }
    if (online === 0) continue;
    free[i] = freePages / online;
    load[i] = loadPages / online;
  }
  return { free, load };
}
