import { alignUp, MIB, parseNumberList } from "@memhp/abi";
import { at, count, fail, isRecord, size, optionalText, trueOrFalse } from "@memhp/devices";
import { type ByteRange, platformOf } from "@memhp/platforms";
import { ReadKeys } from "./read-keys.ts";

/** A node as QEMU's `-numa node` gives it: boot memory and processors; and what firmware of other machines says besides. */
export interface NodeSpec {
  readonly id: number;
  readonly memoryBytes: number;
  readonly cpus: readonly number[];
  /** Where its boot memory lies; absent where it follows that of the node before, as on QEMU's boards. */
  readonly ranges?: readonly ByteRange[];
  /** Firmware marks its boot memory as hot-pluggable. */
  readonly hotpluggable?: boolean;
}

interface RawNode {
  readonly nodeid?: unknown;
  readonly mem?: unknown;
  readonly cpus?: unknown;
  readonly ranges?: unknown;
  readonly hotpluggable?: unknown;
}

/** One node of `machine.nodes`. @throws SpecError */
export function parseNode(raw: unknown, where: string, mostNodes: number): NodeSpec {
  if (!isRecord(raw)) fail(where, "expected an object with nodeid, mem, cpus");
  const keys = new ReadKeys(raw);
  const node: RawNode = keys.record;
  const id = count(node.nodeid, `${where}.nodeid`, -1, mostNodes - 1);
  if (id < 0) fail(`${where}.nodeid`, "missing");
  const listed = optionalText(node.cpus ?? undefined, `${where}.cpus`) ?? "";
  const cpus = listed === "" ? [] : at(`${where}.cpus`, () => parseNumberList(listed));
  const ranges = parseRanges(node.ranges, `${where}.ranges`);
  const sum = ranges?.reduce((total, { start, end }) => total + end - start, 0);
  const memoryBytes = node.mem === undefined || node.mem === null ? (sum ?? 0) : size(node.mem, `${where}.mem`, MIB);
  if (memoryBytes % MIB !== 0) fail(`${where}.mem`, `expected whole MiB, found ${memoryBytes} bytes`);
  if (sum !== undefined && sum !== memoryBytes)
    fail(`${where}.ranges`, `they add up to ${sum} bytes, mem is ${memoryBytes}`);
  const hotpluggable = trueOrFalse(node.hotpluggable, `${where}.hotpluggable`, false);
  keys.refuseUnread(where);
  return {
    id,
    memoryBytes,
    cpus,
    ...(ranges === undefined ? {} : { ranges }),
    ...(hotpluggable ? { hotpluggable } : {}),
  };
}

function parseRanges(raw: unknown, where: string): ByteRange[] | undefined {
  if (raw === undefined) return undefined;
  if (!Array.isArray(raw) || raw.length === 0) fail(where, "expected a list of { start, size }");
  return (raw as unknown[]).map((each, i) => {
    const place = `${where}[${i}]`;
    if (!isRecord(each)) fail(place, "expected { start, size }");
    const keys = new ReadKeys(each);
    const start = size(keys.record["start"], `${place}.start`);
    const bytes = size(keys.record["size"], `${place}.size`);
    keys.refuseUnread(place);
    if (bytes === 0) fail(`${place}.size`, "a range has at least 1M");
    for (const [name, value] of Object.entries({ start, size: bytes }))
      if (alignUp(value, MIB) !== value) fail(`${place}.${name}`, `expected whole MiB, found ${value} bytes`);
    return { start, end: start + bytes };
  });
}

/** Whether nodes can have the memory that they say, on a platform. @throws SpecError */
export function checkNodes(nodes: readonly NodeSpec[], arch: string): void {
  const seen = new Set<number>();
  for (const [i, { id }] of nodes.entries()) {
    if (seen.has(id)) fail(`machine.nodes[${i}].nodeid`, `there is a node ${id} already`);
    seen.add(id);
  }
  const withRanges = nodes.findIndex(({ ranges }) => ranges !== undefined);
  if (withRanges < 0) return;
  const { placesRam } = platformOf(arch);
  if (placesRam === undefined)
    fail(`machine.nodes[${withRanges}].ranges`, `the board of ${arch} decides where memory lies (allowed: mem)`);
  const without = nodes.findIndex(({ ranges, memoryBytes }) => ranges === undefined && memoryBytes > 0);
  if (without >= 0) fail(`machine.nodes[${without}].ranges`, "missing: another node says where its memory lies");
  const all = nodes
    .flatMap(({ ranges = [] }, i) => ranges.map((range) => ({ ...range, where: `machine.nodes[${i}].ranges` })))
    .sort((a, b) => a.start - b.start);
  if (all[0]?.start !== placesRam.from)
    fail(all[0]?.where ?? "machine.nodes", `memory begins at ${placesRam.from} (found ${all[0]?.start})`);
  for (const [i, { start, where }] of all.entries())
    if (i > 0 && start < (all[i - 1]?.end ?? 0)) fail(where, `0x${start.toString(16)} is in another range already`);
  const inHole = all.find(({ start, end }) => start < PC_HOLE_END && end > PC_HOLE_START);
  if (inHole !== undefined)
    fail(inHole.where, "0xc0000000-0xffffffff is for devices (allowed: below 3G, and from 4G on)");
}

/** Where a PC has devices below 4 GiB. */
const PC_HOLE_START = 0xc000_0000;
const PC_HOLE_END = 0x1_0000_0000;
