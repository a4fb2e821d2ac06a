import { count, fail, knownFields, MAX_SLOTS, size } from "../spec-fields.ts";
import type { ColdDimm } from "./cold-dimm.ts";
import { hasNvdimms, readQemuDimms } from "./qemu-dimms.ts";
import type { SpecPart, SpecReading } from "../spec-part.ts";

/** The DIMMs that a machine's description names. */
export interface DimmSpec {
  readonly cold: readonly ColdDimm[];
  /** `nvdimm=on` of the board: NVDIMMs may be plugged in. */
  readonly nvdimm?: true;
}

/** DIMMs that are there from the start. */
const MAX_COLD_DIMMS = 16_384;

/** DIMMs that are there from the start: QEMU's arguments, or `dimms` of the short form. @throws SpecError */
export function readColdDimms(raw: Readonly<Record<string, unknown>>, reading: SpecReading): SpecPart<DimmSpec> {
  return reading.isShortForm ? readAlike(raw["dimms"], reading.nodes) : readLine(raw["extra"], raw["machine"]);
}

/** Where DIMMs that are there from the start lie, one after the other from the first address that they may have; bytes, `end` exclusive. */
export function coldRanges(
  cold: readonly ColdDimm[],
  start: number,
): { readonly start: number; readonly end: number; readonly node: number }[] {
  let next = start;
  return cold.flatMap(({ addr = next, sizeBytes, node, nvdimm }) => {
    next = Math.max(next, addr + sizeBytes);
    return nvdimm === true ? [] : [{ start: addr, end: addr + sizeBytes, node }];
  });
}

function readLine(raw: unknown, board: unknown): SpecPart<DimmSpec> {
  const words = typeof board === "string" ? board : "";
  const { cold, options, ignored } = readQemuDimms(raw, words);
  return {
    ...partOf({ cold, ...(hasNvdimms(words) ? { nvdimm: true } : {}) }),
    qemuOptions: options,
    ignored,
  };
}

function partOf(spec: DimmSpec): SpecPart<DimmSpec> {
  return spec.cold.length === 0 && spec.nvdimm === undefined ? {} : { spec, ids: spec.cold.map(({ id }) => id) };
}

/** `per_node` DIMMs of one size in each node. */
function readAlike(raw: unknown, nodes: number): SpecPart<DimmSpec> {
  if (raw === undefined) return {};
  const fields = knownFields(raw, "machine.dimms", ["per_node", "size"]);
  const perNode = count(fields["per_node"], "machine.dimms.per_node", 1, MAX_SLOTS);
  const sizeBytes = size(fields["size"], "machine.dimms.size");
  if (sizeBytes === 0) fail("machine.dimms.size", "a DIMM has at least 2M");
  if (perNode * nodes > MAX_COLD_DIMMS)
    fail(
      "machine.dimms.per_node",
      `${nodes} nodes of ${perNode} DIMMs are ${perNode * nodes} (allowed: ${MAX_COLD_DIMMS})`,
    );
  const cold: ColdDimm[] = [];
  for (let node = 0; node < nodes; node++) {
    for (let i = 0; i < perNode; i++) cold.push({ id: `n${node}d${i}`, sizeBytes, node, memdev: `mem-n${node}d${i}` });
  }
  const room = { slots: cold.length, bytes: sizeBytes * cold.length, largestBytes: sizeBytes };
  return { ...partOf({ cold }), room };
}
