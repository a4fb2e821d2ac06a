import { GIB, MIB, ParseError } from "@memhp/abi";
import type { LayoutBlock, MemoryLayout, NodeRange } from "./memory-layout.ts";

const PAGE = 4096;
const BLOCK = 128 * MIB;
/** A q35 board has its RAM below 2 GiB and from 4 GiB on, or all below where it is less than 2.75 GiB. */
const LOW = 2 * GIB;
const ALL_LOW = 2816 * MIB;
const HIGH = 4 * GIB;
/** Of the first MiB firmware leaves these pages. */
const FIRST = { start: 1, end: 0x9f };
const FIRST_MIB = MIB / PAGE;

export interface HwlocNode {
  readonly id: number;
  /** Bytes, a multiple of 128 MiB. */
  readonly mem: number;
  readonly cpus: readonly number[];
}

/**
 * Nodes whose numbers leave gaps, as memory of a q35 board in the order of their numbers: QEMU's own options number nodes without gaps.
 * @throws ParseError for a node without memory
 */
export function hwlocLayout(nodes: readonly HwlocNode[], distances: readonly (readonly number[])[] = []): MemoryLayout {
  const bare = nodes.find(({ mem }) => mem === 0);
  if (bare !== undefined)
    throw new ParseError(
      `NUMANode ${bare.id} has no memory; among nodes whose numbers leave gaps, each must have some`,
    );
  const total = nodes.reduce((sum, { mem }) => sum + mem, 0);
  const low = total < ALL_LOW ? total : LOW;
  const ranges: NodeRange[] = [];
  const blocks: LayoutBlock[] = [];
  let at = 0;
  for (const { id, mem } of nodes)
    for (let left = mem; left > 0;) {
      const piece = Math.min(left, at < low ? low - at : left);
      ranges.push({ start: at / PAGE, end: (at + piece) / PAGE, node: id });
      for (let start = at; start < at + piece; start += BLOCK)
        blocks.push({ block: start / BLOCK, state: "online", validZones: ["none"], node: id });
      at = at + piece === low ? HIGH : at + piece;
      left -= piece;
    }
  const high = total > low ? [{ start: HIGH / PAGE, end: (HIGH + total - low) / PAGE }] : [];
  return {
    name: "topology",
    blockSize: BLOCK,
    blocks,
    ram: [FIRST, { start: FIRST_MIB, end: low / PAGE }, ...high],
    nodes: ranges,
    cpus: new Map(nodes.map(({ id, cpus }) => [id, cpus])),
    distances: new Map(
      distances.map((row, from) => [
        nodes[from]?.id ?? 0,
        Object.fromEntries(row.map((distance, to) => [nodes[to]?.id ?? 0, distance])),
      ]),
    ),
    notes: ["Its nodes' numbers leave gaps: memory lies in the order of the numbers."],
  };
}
