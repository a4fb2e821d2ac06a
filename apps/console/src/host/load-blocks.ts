import type { Machine } from "@memhp/machine";

/** Others get a turn after so many blocks. */
const AT_A_TIME = 512;

/** Blocks in which a load has pages, ascending. */
export async function loadBlocks(machine: Machine, id: string): Promise<Int32Array> {
  const nodes = machine.pages.loads.placementOf(id);
  const { blocks, blockPages } = machine.map;
  const found: number[] = [];
  let looked = 0;
  for (const block of blocks.ids()) {
    if (!nodes.has(blocks.node(block))) continue;
    if (++looked % AT_A_TIME === 0) await new Promise((turn) => setTimeout(turn));
    const runs = await machine.pages.runs(block * blockPages, blockPages);
    if (runs.some(({ page }) => page?.owner === `load:${id}`)) found.push(block);
  }
  return Int32Array.from(found);
}
