import { fail } from "../spec-fields.ts";
import { readQemuBackends } from "../qemu-backends.ts";
import type { IgnoredWord } from "../ignored-word.ts";
import { qemuFields, type QemuOption, readQemuOptions } from "../qemu-options.ts";
import type { ColdDimm } from "./cold-dimm.ts";

export interface QemuDimms {
  readonly cold: readonly ColdDimm[];
  /** Options that are carried out, by their place. */
  readonly options: readonly number[];
  readonly ignored: readonly IgnoredWord[];
}

const DIMM_FIELDS: ReadonlySet<string> = new Set(["id", "memdev", "node", "addr", "slot"]);

/** DIMMs that are there from the start in QEMU's `-object memory-backend-…` and `-device pc-dimm`. @throws SpecError */
export function readQemuDimms(raw: unknown): QemuDimms {
  const options = readQemuOptions(raw);
  const backends = readQemuBackends(options);
  const cold: ColdDimm[] = [];
  const used = new Set<number>();
  const ignored: IgnoredWord[] = [];
  for (const option of options) {
    if (option.name !== "-device" || option.value === undefined) continue;
    const { type, fields } = qemuFields(option.value);
    if (type !== "pc-dimm") continue;
    const memdev = fields.get("memdev") ?? "";
    const backend = backends.get(memdev);
    if (backend === undefined) fail(option.where, `no memory backend ${JSON.stringify(memdev)}`);
    cold.push({ ...readDimm(fields, option.where), memdev, sizeBytes: backend.sizeBytes });
    for (const { at } of [option, backend.option]) used.add(at);
    ignored.push(...backend.ignored, ...strangers(option, fields, DIMM_FIELDS, "memhp has no such property of a DIMM"));
  }
  return { cold, options: [...used], ignored };
}

function readDimm(fields: ReadonlyMap<string, string>, where: string): Omit<ColdDimm, "memdev" | "sizeBytes"> {
  const number = (name: string): number | undefined => optionNumber(fields.get(name), `${where}: ${name}`);
  const addr = number("addr");
  const slot = number("slot");
  return {
    id: fields.get("id") ?? fields.get("memdev") ?? "",
    node: number("node") ?? 0,
    // QEMU's own way to say "any" (6.1, 6.12: n_cold_dimms has addresses).
    ...(addr !== undefined && addr !== 0 && { addr }),
    ...(slot !== undefined && slot !== -1 && { slot }),
  };
}

function strangers(
  { where }: QemuOption,
  fields: ReadonlyMap<string, string>,
  known: ReadonlySet<string>,
  why: string,
): IgnoredWord[] {
  return [...fields].flatMap(([name, text]) => (known.has(name) ? [] : [{ where, word: `${name}=${text}`, why }]));
}

function optionNumber(text: string | undefined, where: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : fail(where, `expected a whole number, found ${JSON.stringify(text)}`);
}
