import type { Architecture, OnlineType } from "@memhp/abi";
import { type BlockRow, type BlockRun, BlockState } from "../block-table.ts";
import {
  type BlockPart,
  copyNode,
  createMemoryMap,
  type MemoryMap,
  type NodeMemory,
  type WithheldRange,
} from "../memory-map.ts";
import { ImageError } from "./image-error.ts";
import { lengthOfProgressions, type Progressions, ProgressionWriter } from "./progressions.ts";
import { eachRun, type ValueRuns, ValueRunWriter } from "./value-runs.ts";
import type { EngineKernel } from "../engine-kernel.ts";

/** Online types that a block may remember, by their number in an image; 0 is none. */
const rememberedTypes: readonly (OnlineType | undefined)[] = [undefined, "online", "kernel", "movable"];

/** Rows of blocks, column by column in the order of `ids`. Numbers as in `BlockRow`. */
export interface BlocksImage {
  readonly ids: Progressions;
  readonly state: ValueRuns;
  readonly zone: ValueRuns;
  readonly flags: ValueRuns;
  readonly node: ValueRuns;
  readonly presentPages: ValueRuns;
  readonly altmapPages: ValueRuns;
  readonly group: ValueRuns;
  readonly onlineType: ValueRuns;
}

/** Blocks, nodes and zones of a machine or of some of its nodes, as plain data. */
export interface MemoryMapImage {
  readonly blockPages: number;
  readonly blocks: BlocksImage;
  /** Blocks with holes, of several zones or nodes, or of which sections are missing; ascending. */
  readonly parts: readonly (readonly [block: number, parts: readonly BlockPart[]])[];
  /** Offline blocks of which a driver keeps some frames, ascending; absent where there are none. */
  readonly withheld?: readonly (readonly [block: number, ranges: readonly WithheldRange[]])[];
  readonly nodes: readonly NodeMemory[];
}

/** A memory map as plain data. */
export function snapshotMemoryMap(map: MemoryMap): MemoryMapImage {
  return {
    blockPages: map.blockPages,
    blocks: blocksImage(map.blocks.runs()),
    parts: [...map.parts].sort(([a], [b]) => a - b),
    ...withheldPart([...map.withheld]),
    nodes: [...map.nodes.values()].map((node) => copyNode(node)),
  };
}

type Withheld = NonNullable<MemoryMapImage["withheld"]>;

function withheldPart(withheld: Withheld): Pick<MemoryMapImage, "withheld"> {
  return withheld.length === 0 ? {} : { withheld: withheld.toSorted(([a], [b]) => a - b) };
}

function blocksImage(runs: Iterable<BlockRun>): BlocksImage {
  const ids = new ProgressionWriter();
  const columns = {
    state: new ValueRunWriter(),
    zone: new ValueRunWriter(),
    flags: new ValueRunWriter(),
    node: new ValueRunWriter(),
    presentPages: new ValueRunWriter(),
    altmapPages: new ValueRunWriter(),
    group: new ValueRunWriter(),
  };
  const onlineType = new ValueRunWriter();
  for (const { row, count } of runs) {
    if (row.state !== BlockState.online && row.state !== BlockState.offline)
      throw new Error(`memhp bug: block ${row.id} is on its way while an image is taken`);
    ids.add(row.id, count);
    for (const name of columnNames) columns[name].add(row[name], count);
    onlineType.add(rememberedTypes.indexOf(row.onlineType), count);
  }
  const written = Object.fromEntries(columnNames.map((name) => [name, columns[name].finish()]));
  return { ids: ids.finish(), ...written, onlineType: onlineType.finish() } as unknown as BlocksImage;
}

const columnNames = ["state", "zone", "flags", "node", "presentPages", "altmapPages", "group"] as const;

function* blockRuns(blocks: BlocksImage): Generator<BlockRun> {
  const { state, zone, flags, node, presentPages, altmapPages, group, onlineType } = blocks;
  const columns = [state, zone, flags, node, presentPages, altmapPages, group, onlineType];
  const rest = eachRun(columns);
  let like = rest.next();
  let used = 0;
  for (const each of blocks.ids) {
    const [start, length, step] = typeof each === "number" ? ([each, 1, 1] as const) : each;
    for (let at = 0; at < length;) {
      if (like.done === true) throw new ImageError("blocks", "more blocks than rows");
      const { values, count: alike } = like.value;
      // Blocks at a distance are neighbours of nobody.
      const count = step === 1 ? Math.min(length - at, alike - used) : 1;
      const id = start + at * step;
      yield { row: rowOf(id, values), count };
      at += count;
      used += count;
      if (used < alike) continue;
      like = rest.next();
      used = 0;
    }
  }
  if (like.done !== true) throw new ImageError("blocks", "more rows than blocks");
}

function rowOf(id: number, values: readonly number[]): BlockRow {
  const [state, zone, flags, node, presentPages, altmapPages, group, onlineType] = values as readonly [
    BlockState,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (state !== BlockState.online && state !== BlockState.offline)
    throw new ImageError(
      `block ${id}`,
      `state ${String(state)} is none at rest (${BlockState.offline}, ${BlockState.online})`,
    );
  return { id, state, zone, flags, node, presentPages, altmapPages, group, onlineType: rememberedTypes[onlineType] };
}

/** What an image holds of some nodes: these, the blocks that start on them, and the parts of those. */
export function sliceMemoryMap(image: MemoryMapImage, nodes: ReadonlySet<number>): MemoryMapImage {
  const own = [...blockRuns(image.blocks)].filter(({ row }) => nodes.has(row.node));
  const has = new Set<number>();
  const partial = new Set(image.parts.map(([block]) => block));
  for (const { row, count } of own)
    for (const block of partial) if (block >= row.id && block < row.id + count) has.add(block);
  return {
    blockPages: image.blockPages,
    blocks: blocksImage(own),
    parts: image.parts.filter(([block]) => has.has(block)),
    ...withheldPart((image.withheld ?? []).filter(([block]) => isAmong(own, block))),
    nodes: image.nodes.filter(({ id }) => nodes.has(id)),
  };
}

function isAmong(runs: readonly { readonly row: BlockRow; readonly count: number }[], block: number): boolean {
  return runs.some(({ row, count }) => block >= row.id && block < row.id + count);
}

/** Slices of one map as a whole again, with nodes in the order of `like`. */
export function mergeMemoryMaps(slices: readonly MemoryMapImage[], like: MemoryMap): MemoryMapImage {
  const runs = slices.flatMap(({ blocks }) => [...blockRuns(blocks)]).sort((a, b) => a.row.id - b.row.id);
  const parts = new Map(slices.flatMap((slice) => slice.parts));
  const nodes = new Map(slices.flatMap((slice) => slice.nodes).map((node) => [node.id, node]));
  return {
    blockPages: like.blockPages,
    blocks: blocksImage(runs),
    parts: [...parts].sort(([a], [b]) => a - b),
    ...withheldPart(slices.flatMap(({ withheld = [] }) => withheld)),
    nodes: [...like.nodes.keys()].flatMap((id) => nodes.get(id) ?? []),
  };
}

/** The map that an image was taken of. @throws ImageError */
export function restoreMemoryMap(image: MemoryMapImage, kernel: EngineKernel, arch: Architecture): MemoryMap {
  const map = createMemoryMap(kernel, arch, image.blockPages);
  for (const node of image.nodes) map.nodes.set(node.id, copyNode(node));
  for (const { row, count } of blockRuns(image.blocks)) map.blocks.putRun(row, count);
  if (map.blocks.size !== lengthOfProgressions(image.blocks.ids)) throw new ImageError("blocks", "a block comes twice");
  for (const [block, parts] of image.parts) {
    if (!map.blocks.has(block)) throw new ImageError(`parts of block ${block}`, "there is no such block");
    map.parts.set(block, parts);
  }
  for (const [block, ranges] of image.withheld ?? []) {
    if (!map.blocks.has(block)) throw new ImageError(`withheld of block ${block}`, "there is no such block");
    map.withheld.set(block, ranges);
  }
  return map;
}
