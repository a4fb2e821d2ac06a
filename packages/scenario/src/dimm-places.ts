import type { Machine } from "@memhp/machine";
import { memoryPlaces } from "./memory-places.ts";
import { type DimmPlace, withKnownBlocks } from "./references.ts";
import type { Places } from "./operations/operation.ts";
import type { TraceStep } from "./trace.ts";

/** Knows where DIMMs were plugged in, so that `memory${d0.4}` can be shown as `memory36`; also of those that are gone. */
export class DimmPlaces implements Places {
  readonly #blockSizeBytes: number;
  readonly #places = new Map<string, DimmPlace>();

  constructor(blockSizeBytes: number) {
    this.#blockSizeBytes = blockSizeBytes;
  }

  /** Learns of what is in a machine. */
  lookAt(machine: Machine): void {
    for (const [id, { addr, sizeBytes }] of memoryPlaces(machine)) this.set(id, addr, sizeBytes);
  }

  set(id: string, addr: number, sizeBytes: number): void {
    this.#places.set(id, { addr, sizeBytes });
  }

  /** Learns of the DIMMs that a step plugged in. */
  learn({ result }: TraceStep): void {
    const { devices } = (result ?? {}) as { readonly devices?: unknown };
    if (!Array.isArray(devices)) return;
    for (const device of devices as {
      readonly data: { readonly id: string; readonly addr: number; readonly size: number };
    }[]) {
      this.set(device.data.id, device.data.addr, device.data.size);
    }
  }

  /** Blocks of a DIMM. */
  readonly blocks: Places["blocks"] = (id) => {
    const place = this.#places.get(id);
    if (place === undefined) return undefined;
    const first = Math.floor(place.addr / this.#blockSizeBytes);
    return { first, last: Math.max(first, Math.ceil((place.addr + place.sizeBytes) / this.#blockSizeBytes) - 1) };
  };

  readonly address: Places["address"] = (id) => this.#places.get(id)?.addr;

  /** `${d0.4}`, `${d0.first}`, `${d0.last}` as numbers; what cannot be known stays as it was written. */
  readonly resolve: Places["resolve"] = (text) => withKnownBlocks(text, this.#places, this.#blockSizeBytes);
}
