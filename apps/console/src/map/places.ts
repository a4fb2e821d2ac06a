import type { BlockColumns } from "../session/block-columns.ts";
import { segmentAt } from "./block-words.ts";

/** Which part of the machine the map shows. */
export type Level =
  | { readonly at: "nodes" }
  /** All blocks, or those of a node. */
  | { readonly at: "blocks"; readonly node: number | undefined }
  /** The pages of a block. */
  | { readonly at: "pages"; readonly block: number };

/** Blocks of one page of squares; more are seen as tiles first. */
const MOST_SQUARES = 16_384;
const MOST_NODES = 128;

/** Where the map begins: with the nodes where there are too many blocks to tell apart. */
export function firstLevel({ ids, segments }: BlockColumns): Level {
  const nodes = new Set(segments.map(({ node }) => node)).size;
  return ids.length > MOST_SQUARES || nodes > MOST_NODES ? { at: "nodes" } : { at: "blocks", node: undefined };
}

/** The levels above one, the widest first, and itself. */
export function pathTo(level: Level, columns: BlockColumns): readonly (readonly [name: string, level: Level])[] {
  const top = firstLevel(columns);
  const machine: readonly [string, Level] = ["machine", top];
  if (level.at === "nodes") return [machine];
  if (level.at === "blocks" && level.node === undefined)
    return top.at === "nodes" ? [machine, ["all blocks", level]] : [machine];
  const node = level.at === "blocks" ? level.node : segmentAt(columns.segments, columns.indexOf(level.block))?.node;
  const ofNode: readonly [string, Level] = [`node ${node}`, { at: "blocks", node }];
  return level.at === "blocks" ? [machine, ofNode] : [machine, ofNode, [`memory${level.block}`, level]];
}

/** A place that a person names: a node, a block, a device or an address. */
export type Place = { readonly node: number } | { readonly block: number };

/** `node:512`, `memory4711`, `4711`, `n3d0`, `0x1d8000000`. @returns a sentence where it is none. */
export function findPlace(text: string, columns: BlockColumns, blockBytes: number): Place | string {
  const wanted = text.trim();
  const node = /^n(?:ode)?[: ]?(\d+)$/i.exec(wanted);
  if (node !== null) {
    const number = Number(node[1]);
    return columns.segments.some((segment) => segment.node === number)
      ? { node: number }
      : `There is no node ${number} with memory.`;
  }
  const device = columns.segments.find(({ label }) => label !== "boot" && label === wanted);
  if (device !== undefined) return { block: columns.ids[device.start] as number };
  const address = /^0x[\da-f]+$/i.test(wanted) ? Number(wanted) : undefined;
  const named = /^(?:memory)?(\d+)$/.exec(wanted);
  const block =
    address === undefined ? (named === null ? undefined : Number(named[1])) : Math.floor(address / blockBytes);
  if (block === undefined) return `${wanted} is no node:N, memoryN, device or address such as 0x100000000.`;
  if (columns.indexOf(block) >= 0) return { block };
  return address === undefined
    ? `There is no memory${block}.`
    : `At ${wanted} is no memory: it would be block ${block}.`;
}
