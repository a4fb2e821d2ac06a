import { listOf, onlineTypes, oneOf, pageblockPages, record, wholeNumber } from "@memhp/abi";
import type { MemoryMap } from "@memhp/engine";
import type { PageRequest } from "./page-requests.ts";
import type { Batch, NodeRequest } from "./request.ts";

const ops: readonly string[] = [
  "online",
  "offline",
  "add",
  "remove",
  "withhold",
  "release",
  "remember_type",
  "set_unmovable",
  "set_firmware",
] satisfies NodeRequest["op"][];
const ranged: ReadonlySet<string> = new Set(["add", "remove", "withhold", "release"]);

/** Blocks from `first` to `last` that an earlier request of the same batch adds. */
interface Coming {
  readonly node: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Looks at requests before anything is done: each is of a node that the map has and of blocks that are on it, or that a request
 * before it adds. @param place of the list, for the error. @throws RangeError, TypeError
 */
export function checkRequests(place: string, map: MemoryMap, requests: unknown): asserts requests is NodeRequest[] {
  const coming: Coming[] = [];
  listOf(place, requests, (at, request) => {
    record(at, request);
    oneOf(`${at}.op`, request["op"], ops);
    if (!map.nodes.has(request["node"] as number)) oneOf(`${at}.node`, request["node"], [...map.nodes.keys()]);
    const checked = request as unknown as NodeRequest;
    const has = (where: string, block: unknown): void => checkBlock(where, block, checked.node, map, coming);
    if ("blocks" in checked && !areAllThere(checked.blocks, checked.node, map))
      listOf(`${at}.blocks`, checked.blocks, has);
    if ("block" in checked) has(`${at}.block`, checked.block);
    if (checked.op === "online") oneOf(`${at}.type`, checked.type, [...onlineTypes, "remembered"]);
    if (checked.op === "remember_type") oneOf(`${at}.type`, checked.type, onlineTypes);
    if (!ranged.has(checked.op) || !("startPfn" in checked)) return;
    const { startPfn, nrPages, node } = checked;
    wholeNumber(`${at}.startPfn`, startPfn);
    wholeNumber(`${at}.nrPages`, nrPages);
    if (checked.op === "withhold" || checked.op === "release") checkFrames(at, startPfn, nrPages, map, has);
    if (checked.op === "add")
      coming.push({
        node,
        first: Math.floor(startPfn / map.blockPages),
        last: Math.floor((startPfn + nrPages - 1) / map.blockPages),
      });
  });
}

/** Frames that a driver takes or gives are whole pageblocks of one block. */
function checkFrames(
  at: string,
  startPfn: number,
  nrPages: number,
  map: MemoryMap,
  has: (where: string, block: unknown) => void,
): void {
  const step = pageblockPages(map.arch);
  const block = Math.floor(startPfn / map.blockPages);
  has(`${at}.startPfn`, block);
  if (startPfn % step !== 0 || nrPages % step !== 0)
    throw new RangeError(`${at}: expected whole pageblocks of ${step} pages, found ${nrPages} from ${startPfn}`);
  if (nrPages === 0 || Math.floor((startPfn + nrPages - 1) / map.blockPages) !== block)
    throw new RangeError(`${at}.nrPages: expected frames of block ${block} alone, found ${nrPages} from ${startPfn}`);
}

/** What almost every list is; half a million blocks need no names of their places. */
function areAllThere(list: unknown, node: number, { blocks }: MemoryMap): boolean {
  if (!Array.isArray(list)) return false;
  for (const block of list)
    if (typeof block !== "number" || !blocks.has(block) || blocks.node(block) !== node) return false;
  return true;
}

function checkBlock(
  where: string,
  block: unknown,
  node: number,
  { blocks }: MemoryMap,
  coming: readonly Coming[],
): void {
  wholeNumber(where, block);
  const id = block;
  if (blocks.has(id) && blocks.node(id) === node) return;
  if (coming.some((range) => range.node === node && id >= range.first && id <= range.last)) return;
  throw new RangeError(`${where}: expected a block of node ${node}, found ${id}`);
}

/** @throws RangeError, TypeError */
export function checkBatch(map: MemoryMap, batch: Batch): void {
  record("run", batch);
  wholeNumber("run: startNs", batch["startNs"], { unit: "nanoseconds" });
  checkUntil("run: untilNs", batch.untilNs);
  checkRequests("run: requests", map, batch.requests);
}

/** A time that work may go on to; Infinity is none. @throws RangeError, TypeError */
export function checkUntil(place: string, untilNs: unknown): void {
  if (untilNs !== Number.POSITIVE_INFINITY) wholeNumber(place, untilNs, { unit: "nanoseconds" });
}

/** @throws RangeError, TypeError */
export function checkPageRequests(place: string, nodes: Iterable<number>, requests: readonly PageRequest[]): void {
  const known = [...nodes];
  listOf(place, requests, (at, request) => {
    record(at, request);
    oneOf(`${at}.node`, request["node"], known);
  });
}
