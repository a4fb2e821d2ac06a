import { ImageError } from "@memhp/engine";
import { daxSources } from "./dax-spec.ts";
import { isRecord } from "../spec-fields.ts";
import type { ByteRange } from "@memhp/platforms";
import type { DaxSource } from "@memhp/hotplug";

/** A dax device at rest; bytes, `end` exclusive. */
export interface DaxImage {
  readonly id: string;
  readonly source: DaxSource;
  /** Proximity domain. */
  readonly node: number;
  readonly region: ByteRange;
  /** Its mappings, in the order in which it got them. */
  readonly ranges: readonly ByteRange[];
  readonly memmapOnMemory: boolean;
  /** Dotted path of its statechart's state, and what that remembers. */
  readonly state: string;
  readonly left: readonly number[];
  /** What kmem added of each mapping, by its number. */
  readonly added: readonly (readonly [mapping: number, range: ByteRange])[];
  /** Memory group of what kmem added. */
  readonly group: number | null;
}

/** The dax devices of a machine's image. */
export interface DaxDevicesImage {
  readonly devices: readonly DaxImage[];
  /** The module kmem is loaded. */
  readonly kmem: boolean;
  /** Names that were written to `new_id`, by driver. */
  readonly ids: readonly (readonly [driver: string, name: string])[];
}

/** What an image says of dax devices, which anybody may have written. @throws ImageError */
export function checkDaxImage(image: unknown, where: string): void {
  const root = record(image, where);
  if (typeof root["kmem"] !== "boolean") throw new ImageError(`${where}.kmem`, "expected true or false");
  for (const [i, row] of list(root["ids"], `${where}.ids`).entries())
    if (!Array.isArray(row) || row.length !== 2 || row.some((each) => typeof each !== "string"))
      throw new ImageError(`${where}.ids[${i}]`, "expected a driver and a name");
  for (const [i, each] of list(root["devices"], `${where}.devices`).entries())
    checkDevice(each, `${where}.devices[${i}]`);
}

function checkDevice(value: unknown, where: string): void {
  const device = record(value, where);
  for (const name of ["id", "state"])
    if (typeof device[name] !== "string") throw new ImageError(`${where}.${name}`, "expected a string");
  if (!daxSources.some((each) => each === device["source"]))
    throw new ImageError(`${where}.source`, `expected one of ${daxSources.join(", ")}`);
  if (!isCount(device["node"])) throw new ImageError(`${where}.node`, "expected a number from 0");
  if (typeof device["memmapOnMemory"] !== "boolean")
    throw new ImageError(`${where}.memmapOnMemory`, "expected true or false");
  if (device["group"] !== null && !isCount(device["group"]))
    throw new ImageError(`${where}.group`, "expected a number or null");
  if (list(device["left"], `${where}.left`).some((each) => !isCount(each)))
    throw new ImageError(`${where}.left`, "expected numbers of mappings");
  range(device["region"], `${where}.region`);
  for (const [i, each] of list(device["ranges"], `${where}.ranges`).entries()) range(each, `${where}.ranges[${i}]`);
  for (const [i, each] of list(device["added"], `${where}.added`).entries()) {
    const at = `${where}.added[${i}]`;
    if (!Array.isArray(each) || each.length !== 2 || !isCount(each[0]))
      throw new ImageError(at, "expected the number of a mapping and its range");
    range(each[1], at);
  }
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (!isRecord(value)) throw new ImageError(where, "expected an object");
  return value;
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ImageError(where, "expected a list");
  return value;
}

function range(value: unknown, where: string): void {
  const { start, end } = record(value, where);
  if (!isCount(start) || !isCount(end) || (start as number) >= (end as number))
    throw new ImageError(where, "expected a start and a later end in bytes");
}
