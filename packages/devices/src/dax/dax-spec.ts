import { alignUp, MIB } from "@memhp/abi";
import type { DaxSource } from "@memhp/hotplug";
import { address, fail, knownFields, trueOrFalse, UNIT_BYTES, wholeUnits } from "../spec-fields.ts";
import { ascending, checkNextNodes, nodeNumber, nodesWith } from "../spec-nodes.ts";
import type { SpecPart, SpecReading } from "../spec-part.ts";

/** A dax region with its device as a machine describes it; bytes. */
export interface DaxSpec {
  /** `daxN.0`: N is the number of its region. */
  readonly id: string;
  readonly source: DaxSource;
  /** Proximity domain. */
  readonly node: number;
  /** Mappings of the device, ascending, with a gap of `GAP_BYTES` between them. */
  readonly mappings: readonly number[];
  /** What the region has altogether: the device may grow into it. */
  readonly regionBytes: number;
  /** Physical address of the region; without it the board chooses. */
  readonly addr?: number;
  /** The NVDIMM whose namespace it is: address, size and node are that one's. */
  readonly nvdimm?: string;
  /** Whether it is there at boot. */
  readonly present: boolean;
}

export const daxSources: readonly DaxSource[] = ["hmem", "cxl", "pmem"];

const FIELDS = ["id", "source", "size", "mappings", "node", "region", "addr", "nvdimm", "present"];
const ID = /^dax(0|[1-9]\d{0,2})\.0$/;
/** dax_region.align of all three sources on x86 and arm64 with 4K pages: PMD_SIZE. */
export const DAX_ALIGN: number = UNIT_BYTES;
/** What another device of the region has between two mappings. */
export const GAP_BYTES: number = 256 * MIB;
/** Windows of CXL begin at multiples of this (CXL 3.1, §9.18.1.3); soft-reserved memory is no finer in practice. */
const REGION_ALIGN = 256 * MIB;
const MAX_DEVICES = 256;

/** `machine.dax`, in both forms of a machine. @throws SpecError */
export function readDax(raw: Readonly<Record<string, unknown>>, reading: SpecReading): SpecPart<readonly DaxSpec[]> {
  const list = raw["dax"];
  if (list === undefined) return {};
  if (!Array.isArray(list) || list.length > MAX_DEVICES)
    fail("machine.dax", `expected a list of at most ${MAX_DEVICES} devices: { id: dax0.0, size, node }`);
  const ids = new Set(reading.taken);
  const spec = (list as unknown[]).map((each, i) => readOne(each, i, `machine.dax[${i}]`, reading.nodes, ids));
  const nodes = daxNodes(spec);
  checkNextNodes("machine.dax", nodes, reading.nodes);
  if (spec.length === 0) return {};
  return { spec, ids: spec.map(({ id }) => id), nodes: reading.nodes === 0 ? 0 : nodesWith(reading.nodes, nodes) };
}

/** Proximity domains that they name, ascending. */
export function daxNodes(spec: readonly DaxSpec[]): number[] {
  return ascending(spec.flatMap(({ node, nvdimm }) => (nvdimm === undefined ? [node] : [])));
}

/** Where regions lie: those without an address one after the other from `start`. */
export function placeRegions(
  spec: readonly DaxSpec[],
  start: number,
): readonly (DaxSpec & { readonly addr: number })[] {
  let next = start;
  return spec
    .filter(({ nvdimm }) => nvdimm === undefined)
    .map((each) => {
      if (each.addr !== undefined) return { ...each, addr: each.addr };
      const addr = alignUp(next, REGION_ALIGN);
      next = addr + each.regionBytes;
      return { ...each, addr };
    });
}

/** End of the window with room for all of them. */
export function endWithDax(spec: readonly DaxSpec[], end: number): number {
  return Math.max(end, ...placeRegions(spec, end).map(({ addr, regionBytes }) => addr + regionBytes));
}

function readOne(given: unknown, i: number, where: string, nodes: number, ids: Set<string>): DaxSpec {
  const raw = knownFields(given, where, FIELDS);
  const id = raw["id"] ?? `dax${i}.0`;
  if (typeof id !== "string" || !ID.test(id))
    fail(`${where}.id`, `expected daxN.0, one device in region N; found ${JSON.stringify(id)}`);
  if (ids.has(id)) fail(`${where}.id`, `${JSON.stringify(id)} is taken`);
  ids.add(id);
  const { nvdimm } = raw;
  if (nvdimm !== undefined) return onNvdimm(raw, nvdimm, id, where);
  const source = daxSources.find((each) => each === (raw["source"] ?? "hmem"));
  if (source === undefined) fail(`${where}.source`, `expected one of ${daxSources.join(", ")}`);
  const present = trueOrFalse(raw["present"], `${where}.present`, true);
  const mappings = readMappings(raw, where);
  const used = mappings.reduce((sum, each) => sum + each, (mappings.length - 1) * GAP_BYTES);
  const regionBytes = raw["region"] === undefined ? used : wholeUnits(raw["region"], `${where}.region`);
  if (regionBytes < used) fail(`${where}.region`, `is smaller than the device in it, ${used} bytes`);
  if (source === "pmem" && (raw["mappings"] !== undefined || raw["region"] !== undefined))
    fail(
      `${where}.${raw["region"] === undefined ? "mappings" : "region"}`,
      "a namespace of persistent memory is one range of its own size",
    );
  if (source === "pmem" && dataOffset(regionBytes) >= regionBytes)
    fail(`${where}.size`, "nothing is left of it beside the struct pages that a namespace keeps in front");
  return {
    id,
    source,
    node: nodeNumber(raw["node"], `${where}.node`, nodes),
    mappings,
    regionBytes,
    present,
    ...(raw["addr"] === undefined ? {} : { addr: address(raw["addr"], `${where}.addr`) }),
  };
}

/** A namespace of an NVDIMM, in devdax mode. */
function onNvdimm(raw: Readonly<Record<string, unknown>>, nvdimm: unknown, id: string, where: string): DaxSpec {
  if (typeof nvdimm !== "string") fail(`${where}.nvdimm`, "expected the id of an NVDIMM");
  const other = ["size", "mappings", "region", "addr", "node"].find((name) => raw[name] !== undefined);
  if (other !== undefined) fail(`${where}.${other}`, "is the NVDIMM's");
  if ((raw["source"] ?? "pmem") !== "pmem") fail(`${where}.source`, "an NVDIMM is persistent memory: pmem");
  const present = trueOrFalse(raw["present"], `${where}.present`, true);
  return { id, source: "pmem", node: 0, mappings: [], regionBytes: 0, present, nvdimm };
}

function readMappings(raw: Readonly<Record<string, unknown>>, where: string): number[] {
  const { size: one, mappings } = raw;
  if (mappings === undefined) return [wholeUnits(one, `${where}.size`)];
  if (one !== undefined) fail(`${where}.mappings`, "size or mappings, not both");
  if (!Array.isArray(mappings) || mappings.length === 0 || mappings.length > 16)
    fail(`${where}.mappings`, "expected a list of 1 to 16 sizes");
  return (mappings as unknown[]).map((each, i) => wholeUnits(each, `${where}.mappings[${i}]`));
}

/**
 * Where a namespace in devdax mode has its data, from its first byte: behind 8 KiB and 64 bytes for each page (drivers/nvdimm/pfn_devs.c;
 * the 8 GiB of the driver's own changelog: 130 MiB).
 */
export function dataOffset(regionBytes: number): number {
  return alignUp(8192 + (regionBytes / 4096) * 64, DAX_ALIGN);
}
