import { formatSize, MIB } from "@memhp/abi";
import type { ByteRange } from "./board.ts";

/** A DIMM in its slot; bytes. */
export interface Dimm {
  readonly id: string;
  readonly memdev: string;
  readonly slot: number;
  readonly addr: number;
  readonly sizeBytes: number;
  /** Proximity domain that the user named. */
  readonly node: number;
  readonly hotplugged: boolean;
}

export interface DimmRequest {
  readonly id: string;
  readonly memdev: string;
  readonly sizeBytes: number;
  readonly node: number;
  readonly addr?: number;
  readonly slot?: number;
}

/** A QEMU error: its class and text. */
export interface BoardError {
  readonly class: "GenericError" | "DeviceNotFound";
  readonly desc: string;
}

export type BoardResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: BoardError };

const generic = (desc: string): { ok: false; error: BoardError } => ({
  ok: false,
  error: { class: "GenericError", desc },
});

/** Backends of ordinary RAM lie on 2 MiB boundaries. */
const ADDRESS_ALIGNMENT = 2 * MIB;

/** The board's DIMM slots with QEMU's rules for slot and address (observed-6 §8: e_many_dimms, b_dimm_odd_sizes). */
export class DimmSlots {
  readonly #window: ByteRange;
  readonly #slots: number;
  readonly #nodes: number;
  readonly #maxBytes: number;
  readonly #dimms = new Map<string, Dimm>();

  constructor(window: ByteRange, slots: number, nodes: number, maxBytes: number) {
    this.#window = window;
    this.#slots = slots;
    this.#nodes = nodes;
    this.#maxBytes = maxBytes;
  }

  /** DIMMs by address. */
  list(): Dimm[] {
    return [...this.#dimms.values()].sort((a, b) => a.addr - b.addr);
  }

  get(id: string): Dimm | undefined {
    return this.#dimms.get(id);
  }

  plug(request: DimmRequest, hotplugged: boolean): BoardResult<Dimm> {
    if (this.#dimms.has(request.id)) return generic(`Duplicate ID '${request.id}' for device`);
    if (request.node >= Math.max(1, this.#nodes)) {
      return generic(
        `'DIMM property node has value ${request.node}' which exceeds the number of numa nodes: ${this.#nodes}`,
      );
    }
    const slot = this.#freeSlot(request.slot);
    if (!slot.ok) return slot;
    const used = this.list().reduce((sum, dimm) => sum + dimm.sizeBytes, 0);
    if (used + request.sizeBytes > this.#maxBytes) {
      return generic(
        `not enough space, currently 0x${used.toString(16)} in use of total space for memory devices 0x${this.#maxBytes.toString(16)}`,
      );
    }
    const addr = this.#freeAddress(request.addr, request.sizeBytes);
    if (!addr.ok) return addr;
    const dimm: Dimm = {
      id: request.id,
      memdev: request.memdev,
      slot: slot.value,
      addr: addr.value,
      sizeBytes: request.sizeBytes,
      node: request.node,
      hotplugged,
    };
    this.#dimms.set(dimm.id, dimm);
    return { ok: true, value: dimm };
  }

  unplug(id: string): void {
    this.#dimms.delete(id);
  }

  #freeSlot(hint: number | undefined): BoardResult<number> {
    const taken = new Map(this.list().map((dimm) => [dimm.slot, dimm.id]));
    if (hint !== undefined) {
      if (hint >= this.#slots) return generic(`invalid slot number ${hint}, valid range is [0-${this.#slots - 1}]`);
      if (taken.has(hint)) return generic(`slot ${hint} is busy`);
      return { ok: true, value: hint };
    }
    for (let slot = 0; slot < this.#slots; slot++) if (!taken.has(slot)) return { ok: true, value: slot };
    return generic("no free slots available");
  }

  #freeAddress(hint: number | undefined, sizeBytes: number): BoardResult<number> {
    if (hint !== undefined) {
      if (hint % ADDRESS_ALIGNMENT !== 0)
        return generic(`address must be aligned to 0x${ADDRESS_ALIGNMENT.toString(16)} bytes`);
      if (hint < this.#window.start || hint + sizeBytes > this.#window.end) {
        return generic(
          `can't add memory device [0x${hint.toString(16)}:0x${sizeBytes.toString(16)}], usable range for memory devices [0x${this.#window.start.toString(16)}:0x${(this.#window.end - this.#window.start).toString(16)}]`,
        );
      }
      const other = this.list().find((dimm) => hint < dimm.addr + dimm.sizeBytes && dimm.addr < hint + sizeBytes);
      if (other !== undefined) return generic(`address range conflicts with memory device id='${other.id}'`);
      return { ok: true, value: hint };
    }
    let addr = this.#window.start;
    for (const dimm of this.list()) {
      if (addr + sizeBytes <= dimm.addr) break;
      if (addr < dimm.addr + dimm.sizeBytes)
        addr = Math.ceil((dimm.addr + dimm.sizeBytes) / ADDRESS_ALIGNMENT) * ADDRESS_ALIGNMENT;
    }
    if (addr + sizeBytes > this.#window.end)
      return generic(`could not find position in guest address space for memory device of ${formatSize(sizeBytes)}`);
    return { ok: true, value: addr };
  }
}
