import { KIB } from "@memhp/abi";
import { fail, size, UNIT_BYTES } from "../spec-fields.ts";
import { backendOf, readQemuBackends } from "../qemu-backends.ts";
import type { IgnoredWord } from "../ignored-word.ts";
import { ignoredFields, qemuDevices, readQemuOptions } from "../qemu-options.ts";
import type { ColdDimm } from "./cold-dimm.ts";

export interface QemuDimms {
  readonly cold: readonly ColdDimm[];
  /** Options that are carried out, by their place. */
  readonly options: readonly number[];
  readonly ignored: readonly IgnoredWord[];
}

/** Labels of a namespace lie behind its data (QEMU's hw/mem/nvdimm.c). */
const LEAST_LABELS = 128 * KIB;

const NVDIMM_FIELDS: ReadonlySet<string> = new Set(["id", "memdev", "node", "addr", "slot", "label-size"]);
const DIMM_FIELDS: ReadonlySet<string> = new Set(["id", "memdev", "node", "addr", "slot"]);

/**
 * DIMMs and NVDIMMs that are there from the start in QEMU's `-object memory-backend-…`, `-device pc-dimm` and `-device nvdimm`.
 * @param board `-machine`: NVDIMMs want its nvdimm=on. @throws SpecError
 */
export function readQemuDimms(raw: unknown, board: string): QemuDimms {
  const options = readQemuOptions(raw);
  const backends = readQemuBackends(options);
  const cold: ColdDimm[] = [];
  const used = new Set<number>();
  const busy = new Set<string>();
  const ids = new Set<string>();
  const ignored: IgnoredWord[] = [];
  for (const device of qemuDevices(options)) {
    const { option, type, fields } = device;
    if (type !== "pc-dimm" && type !== "nvdimm") continue;
    const isNvdimm = type === "nvdimm";
    if (isNvdimm && !hasNvdimms(board))
      fail(option.where, "nvdimm is not enabled: add nvdimm=on to machine (machine: q35,nvdimm=on)");
    const { memdev, backend } = backendOf(backends, device);
    // QEMU's own words (hw/mem/memory-device.c, softmmu/qdev-monitor.c).
    if (busy.has(memdev)) fail(option.where, `can't use already busy memdev: ${memdev}`);
    busy.add(memdev);
    const sizeBytes = isNvdimm ? nvdimmBytes(fields, backend.sizeBytes, option.where) : backend.sizeBytes;
    const dimm = readDimm(fields, option.where);
    if (ids.has(dimm.id)) fail(option.where, `Duplicate device ID '${dimm.id}'`);
    ids.add(dimm.id);
    cold.push({ ...dimm, memdev, sizeBytes, ...(isNvdimm ? { nvdimm: true } : {}) });
    for (const { at } of [option, backend.option]) used.add(at);
    const known = isNvdimm ? NVDIMM_FIELDS : DIMM_FIELDS;
    ignored.push(...backend.ignored, ...ignoredFields(option, fields, known, "memhp has no such property of a DIMM"));
  }
  return { cold, options: [...used], ignored };
}

/** Whether a board takes NVDIMMs, by `-machine`. */
export function hasNvdimms(board: string): boolean {
  return /,nvdimm(=on)?(,|$)/.test(board);
}

/** nvdimm_prepare_memory_region: what is left beside its labels, in whole 2 MiB; nothing where that is less. */
export function bytesBesideLabels(backendBytes: number, labelBytes: number): number {
  return Math.max(0, Math.floor((backendBytes - labelBytes) / UNIT_BYTES) * UNIT_BYTES);
}

function nvdimmBytes(fields: ReadonlyMap<string, string>, backendBytes: number, where: string): number {
  const labels = fields.has("label-size") ? size(fields.get("label-size"), `${where}: label-size`) : 0;
  if (labels > 0 && labels < LEAST_LABELS) fail(`${where}: label-size`, "expected 0, or at least 128K");
  const bytes = bytesBesideLabels(backendBytes, labels);
  return bytes > 0 ? bytes : fail(where, "the backend is too small for an NVDIMM with its labels");
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

function optionNumber(text: string | undefined, where: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : fail(where, `expected a whole number, found ${JSON.stringify(text)}`);
}
