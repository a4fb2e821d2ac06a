import { ImageError } from "@memhp/engine";
import type { Refusal } from "@memhp/abi";
import { isRecord } from "../spec-fields.ts";

/** What a driver keeps of its device, at rest. */
export interface DriverImage {
  /** Its number among virtio devices: virtioN. */
  readonly index: number;
  /** Dotted path of the statechart's state, and its context. */
  readonly state: string;
  readonly retryMs: number;
  /** When the retry timer rings; null where it does not run. */
  readonly retryAtNs: number | null;
  readonly group: number;
  /** Plugged units as first and count. */
  readonly plugged: readonly (readonly [first: number, count: number])[];
  /** Memory blocks, or big blocks, that were in use at any time: the next one is new. */
  readonly prepared: number;
  readonly hasLeftovers: boolean;
  /** Why the last shrink stopped short, by block. */
  readonly refusals: readonly Refusal[];
}

/** A device on the bus; bytes. */
export interface VirtioMemImage {
  readonly id: string;
  readonly memdev: string;
  readonly addr: number;
  readonly sizeBytes: number;
  /** Proximity domain. */
  readonly node: number;
  readonly blockBytes: number;
  readonly requestedBytes: number;
  /** Where it is on the PCI bus: `0000:00:01.0`, behind a root port `0000:00:01.0/0000:01:00.0`. */
  readonly pci: string;
  /** The root port; without it, it cannot be unplugged. */
  readonly port?: string;
  /** Its number among virtio devices, where it got one and no driver is loaded. */
  readonly index?: number;
  readonly driver?: DriverImage;
  /** MEMORY_DEVICE_SIZE_CHANGE: nothing more is told before, and what is told then; null where the last was told. */
  readonly told?: { readonly untilNs: number; readonly nextBytes: number | null };
}

/** Parameters of the module. */
export interface ModuleImage {
  readonly unplugOnline: boolean;
  readonly forceBigBlocks: boolean;
  readonly bigBlockBytes: number;
}

export interface VirtioMemsImage {
  readonly devices: readonly VirtioMemImage[];
  /** Virtio devices that got a number so far. */
  readonly numbered: number;
  /** Absent while no driver is loaded. */
  readonly module?: ModuleImage;
}

/** What an image says of virtio-mem devices, which anybody may have written. @throws ImageError */
export function checkVirtioMemImage(image: unknown, where: string): void {
  const root = fields(image, where, { numbered: "number" });
  if (root["module"] !== undefined)
    fields(root["module"], `${where}.module`, {
      unplugOnline: "boolean",
      forceBigBlocks: "boolean",
      bigBlockBytes: "number",
    });
  for (const [i, device] of list(root["devices"], `${where}.devices`).entries()) {
    const at = `${where}.devices[${i}]`;
    const known = fields(device, at, {
      id: "string",
      memdev: "string",
      addr: "number",
      sizeBytes: "number",
      node: "number",
      blockBytes: "number",
      requestedBytes: "number",
      pci: "string",
    });
    if (known["driver"] !== undefined) checkDriver(known["driver"], `${at}.driver`);
  }
}

function checkDriver(value: unknown, where: string): void {
  const driver = fields(value, where, {
    index: "number",
    state: "string",
    retryMs: "number",
    group: "number",
    prepared: "number",
    hasLeftovers: "boolean",
  });
  const atNs = driver["retryAtNs"];
  if (atNs !== null && typeof atNs !== "number")
    throw new ImageError(`${where}.retryAtNs`, "expected a number or null");
  list(driver["refusals"], `${where}.refusals`);
  for (const [i, run] of list(driver["plugged"], `${where}.plugged`).entries())
    if (!Array.isArray(run) || run.length !== 2 || run.some((each) => !Number.isSafeInteger(each) || each < 0))
      throw new ImageError(`${where}.plugged[${i}]`, "expected a first unit and a count");
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ImageError(where, "expected a list");
  return value;
}

function fields(value: unknown, where: string, types: Readonly<Record<string, string>>): Record<string, unknown> {
  if (!isRecord(value)) throw new ImageError(where, `expected an object with ${Object.keys(types).join(", ")}`);
  for (const [name, type] of Object.entries(types)) {
    const field = value[name];
    if (typeof field !== type || (type === "number" && !Number.isFinite(field)))
      throw new ImageError(`${where}.${name}`, `expected a ${type}`);
  }
  return value;
}
