import type { BlockColumns, Segment } from "../session/block-columns.ts";
import { segmentAt } from "./block-words.ts";

/** Which part of the machine the map shows. */
export type Level =
  | { readonly at: "nodes" }
  /** Boot memory and memory devices, all or those of a node. */
  | { readonly at: "devices"; readonly node: number | undefined }
  /** All blocks, those of a node, or those of one of its devices. */
  | { readonly at: "blocks"; readonly node: number | undefined; readonly device?: string }
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

/** What a node is seen as when it is entered: its devices where its blocks are too many to tell apart. */
export function levelOfNode(node: number, { segments }: BlockColumns): Level {
  const own = segments.filter((segment) => segment.node === node);
  const blocks = own.reduce((sum, { start, end }) => sum + end - start, 0);
  const devices = new Set(own.map(({ label }) => label)).size;
  return blocks > MOST_SQUARES && devices > 1 ? { at: "devices", node } : { at: "blocks", node };
}

/** The segments that a level shows. */
export function segmentsOf(level: Level, { segments }: BlockColumns): readonly Segment[] {
  if (level.at === "devices" && level.node !== undefined) return segments.filter(({ node }) => node === level.node);
  if (level.at !== "blocks" || level.node === undefined) return segments;
  const { node, device } = level;
  return segments.filter((each) => each.node === node && (device === undefined || each.label === device));
}

/** The levels above one, the widest first, and itself. */
export function pathTo(level: Level, columns: BlockColumns): readonly (readonly [name: string, level: Level])[] {
  const top = firstLevel(columns);
  const machine: readonly [string, Level] = ["machine", top];
  const isTop = level.at === top.at && (level.at === "nodes" || (level.at === "blocks" && level.node === undefined));
  if (isTop) return [machine];
  if (level.at === "nodes") return [machine, ["nodes", level]];
  if (level.at !== "pages" && level.node === undefined)
    return [machine, [level.at === "blocks" ? "all blocks" : "all devices", level]];
  const segment = level.at === "pages" ? segmentAt(columns.segments, columns.indexOf(level.block)) : undefined;
  const node = level.at === "pages" ? (segment?.node ?? 0) : (level.node as number);
  const ofNode: readonly [string, Level] = [`node ${node}`, levelOfNode(node, columns)];
  if (level.at === "devices") return [machine, [`node ${node}`, level]];
  const device = level.at === "pages" ? segment?.label : level.device;
  if (level.at === "blocks" && device === undefined) return [machine, [`node ${node}`, level]];
  const isDevice = ofNode[1].at === "devices" || (level.at === "blocks" && device !== undefined);
  const ofDevice = [
    deviceName(device ?? ""),
    { at: "blocks", node, ...(device === undefined ? {} : { device }) },
  ] as const;
  const above = [machine, ofNode, ...(isDevice ? [ofDevice] : [])];
  return level.at === "blocks" ? above : [...above, [`memory${level.block}`, level]];
}

/** The level above one. */
export function above(level: Level, columns: BlockColumns): Level {
  return pathTo(level, columns).at(-2)?.[1] ?? level;
}

/** Whether a machine still has what a level shows. */
export function isThere(level: Level, columns: BlockColumns): boolean {
  if (level.at === "pages") return columns.indexOf(level.block) >= 0;
  if (level.at === "nodes" || level.node === undefined) return true;
  const device = level.at === "blocks" ? level.device : undefined;
  return columns.segments.some(({ node, label }) => node === level.node && (device === undefined || label === device));
}

export function deviceName(label: string): string {
  return label === "boot" ? "boot memory" : label;
}

/** A place that a person names: a node, a block, a device or an address. */
type Place = { readonly node: number } | { readonly block: number };

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
