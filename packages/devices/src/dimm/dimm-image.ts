import { ImageError } from "@memhp/engine";
import { isRecord } from "../spec-fields.ts";
import type { Dimm } from "./dimm-slots.ts";

/** What the kernel last told firmware about a slot. */
export interface OstRecord {
  readonly device: string | undefined;
  /** What `_OST` was told about: a notify's value, or 0x103 and the like. */
  readonly source: number;
  /** A status of `_OST`. */
  readonly status: number;
}

/** The DIMMs of a machine's image. */
export interface DimmImage {
  /** In the order in which they came. */
  readonly plugged: readonly Dimm[];
  /** Asked for by DLPAR, without an answer. */
  readonly asked?: readonly string[];
  /** Last _OST of each slot. */
  readonly ost: readonly (readonly [slot: number, record: OstRecord])[];
}

const dimmFields: Readonly<Record<Exclude<keyof Dimm, "nvdimm">, "string" | "number" | "boolean">> = {
  id: "string",
  memdev: "string",
  slot: "number",
  addr: "number",
  sizeBytes: "number",
  node: "number",
  hotplugged: "boolean",
};

/** What an image says of DIMMs, which anybody may have written. @throws ImageError */
export function checkDimmImage(image: unknown, where: string): void {
  if (!isRecord(image)) throw new ImageError(where, "expected an object with plugged, ost");
  for (const [i, dimm] of list(image["plugged"], `${where}.plugged`).entries()) {
    checkFields(dimm, `${where}.plugged[${i}]`, dimmFields);
    if (isRecord(dimm) && dimm["nvdimm"] !== undefined && dimm["nvdimm"] !== true)
      throw new ImageError(`${where}.plugged[${i}].nvdimm`, "expected true, or nothing");
  }
  for (const [i, id] of list(image["asked"] ?? [], `${where}.asked`).entries())
    if (typeof id !== "string") throw new ImageError(`${where}.asked[${i}]`, "expected a string");
  for (const [i, row] of list(image["ost"], `${where}.ost`).entries()) {
    const at = `${where}.ost[${i}]`;
    if (!Array.isArray(row) || row.length !== 2 || typeof row[0] !== "number")
      throw new ImageError(at, "expected a slot and what it told last");
    checkFields(row[1], `${at}[1]`, { source: "number", status: "number" });
  }
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ImageError(where, "expected a list");
  return value;
}

function checkFields(value: unknown, where: string, fields: Readonly<Record<string, string>>): void {
  if (!isRecord(value)) throw new ImageError(where, `expected an object with ${Object.keys(fields).join(", ")}`);
  for (const [name, type] of Object.entries(fields)) {
    const field = value[name];
    if (typeof field !== type || (type === "number" && !Number.isFinite(field)))
      throw new ImageError(`${where}.${name}`, `expected a ${type}`);
  }
}
