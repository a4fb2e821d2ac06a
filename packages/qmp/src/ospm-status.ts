import { JsonObject } from "./json/value.ts";

/** The last `_OST` of a slot, as `query-acpi-ospm-status` tells it. */
export interface OspmStatus {
  /** Id of the device in the slot. */
  readonly device?: string;
  readonly slot: number;
  readonly slotType: "DIMM" | "CPU";
  /** What `_OST` was told about. */
  readonly source: number;
  /** A status of `_OST`. */
  readonly status: number;
}

/** ACPIOSTInfo. QEMU writes the slot as a string. */
export function ospmInfo({ device, slot, slotType, source, status }: OspmStatus): JsonObject {
  return JsonObject.from({ device, slot: String(slot), "slot-type": slotType, source, status });
}
