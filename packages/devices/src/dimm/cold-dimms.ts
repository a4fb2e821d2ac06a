import { count, fail, isRecord, size } from "../spec-fields.ts";
import type { SpecPart, SpecReading } from "../spec-part.ts";

/** A DIMM that is plugged in before the machine starts. */
export interface ColdDimm {
  readonly id: string;
  readonly sizeBytes: number;
  readonly node: number;
  readonly memdev: string;
  /** Where the user put it; without it the board chooses. */
  readonly addr?: number;
  readonly slot?: number;
}

export interface DimmSpec {
  readonly cold: readonly ColdDimm[];
}

const MAX_SLOTS = 1 << 20;
/** DIMMs that are there from the start. */
const MAX_COLD_DIMMS = 16_384;

/** DIMMs that are there from the start: QEMU's arguments, or `dimms` of the short form. @throws SpecError */
export function readColdDimms(raw: Readonly<Record<string, unknown>>, reading: SpecReading): SpecPart<DimmSpec> {
  return reading.isShortForm ? readAlike(raw["dimms"], reading.nodes) : partOf({ cold: readExtra(raw["extra"]) });
}

function partOf(spec: DimmSpec): SpecPart<DimmSpec> {
  return spec.cold.length === 0 ? {} : { spec, ids: spec.cold.map(({ id }) => id) };
}

/** `per_node` DIMMs of one size in each node. */
function readAlike(raw: unknown, nodes: number): SpecPart<DimmSpec> {
  if (raw === undefined) return {};
  if (!isRecord(raw)) fail("machine.dimms", "expected { per_node, size }");
  const perNode = count(raw["per_node"], "machine.dimms.per_node", 1, MAX_SLOTS);
  const sizeBytes = size(raw["size"], "machine.dimms.size");
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

/** Cold-plugged DIMMs in QEMU's `-object memory-backend-ram` and `-device pc-dimm` arguments. */
function readExtra(raw: unknown): ColdDimm[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw) || raw.some((word) => typeof word !== "string"))
    fail("machine.extra", "expected a list of QEMU arguments");
  const words = raw as string[];
  const options = (text: string): Map<string, string> =>
    new Map(
      text
        .split(",")
        .slice(1)
        .map((pair) => [pair.split("=")[0] ?? "", pair.slice(pair.indexOf("=") + 1)]),
    );
  const backends = new Map<string, number>();
  const dimms: ColdDimm[] = [];
  for (let i = 0; i + 1 < words.length; i += 2) {
    const argument = words[i + 1] as string;
    const fields = options(argument);
    if (words[i] === "-object" && argument.startsWith("memory-backend"))
      backends.set(fields.get("id") ?? "", size(fields.get("size"), `machine.extra[${i + 1}]`));
    if (words[i] === "-device" && argument.startsWith("pc-dimm")) {
      const where = `machine.extra[${i + 1}]`;
      const memdev = fields.get("memdev") ?? "";
      const sizeBytes = backends.get(memdev);
      if (sizeBytes === undefined) fail(where, `no memory backend ${JSON.stringify(memdev)}`);
      const number = (name: string): number | undefined => optionNumber(fields.get(name), `${where}: ${name}`);
      const addr = number("addr");
      const slot = number("slot");
      dimms.push({
        id: fields.get("id") ?? memdev,
        sizeBytes,
        node: number("node") ?? 0,
        memdev,
        // QEMU's own way to say "any" (6.1, 6.12: n_cold_dimms has addresses).
        ...(addr !== undefined && addr !== 0 && { addr }),
        ...(slot !== undefined && slot !== -1 && { slot }),
      });
    }
  }
  return dimms;
}

function optionNumber(text: string | undefined, where: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : fail(where, `expected a whole number, found ${JSON.stringify(text)}`);
}
