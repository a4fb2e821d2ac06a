import type { Refusal } from "@memhp/abi";
import { DIMM_ERRORS, genericError, OK, type QmpResult } from "@memhp/qmp";
import { checkDimmRequest } from "./dimm-arguments.ts";
import { UNIT_BYTES } from "../spec-fields.ts";
import type { DeviceBoard, DeviceHost, DeviceMemory } from "../device-type.ts";

/** A DIMM in its slot; bytes. */
export interface Dimm {
  readonly id: string;
  readonly memdev: string;
  readonly slot: number;
  /** Physical address of the first byte. */
  readonly addr: number;
  readonly sizeBytes: number;
  /** Proximity domain that the user named. */
  readonly node: number;
  readonly hotplugged: boolean;
  /** It keeps what it holds, and is no RAM. */
  readonly nvdimm?: true;
}

/** A DIMM that somebody plugs in: QEMU's `device_add` of a pc-dimm. */
export interface DimmRequest {
  readonly id: string;
  readonly memdev: string;
  readonly sizeBytes: number;
  readonly node: number;
  /** As the user wrote it: up to 64 bits. */
  readonly addr?: number | bigint;
  readonly slot?: number;
}

/** What of other devices concerns a DIMM. */
type Others = Pick<DeviceHost["others"], "has" | "reserved">;

/** The board's DIMM slots with QEMU's rules for slot and address (observed-6 §8: e_many_dimms, b_dimm_odd_sizes). */
export class DimmSlots {
  readonly #board: DeviceBoard;
  readonly #others: Others;
  readonly #dimms = new Map<string, Dimm>();

  /** @param others hold names and addresses that DIMMs cannot have, whether they are there or not. @param plugged DIMMs that are in their slots already. */
  constructor(board: DeviceBoard, others: Others, plugged: readonly Dimm[] = []) {
    this.#board = board;
    this.#others = others;
    for (const dimm of plugged) this.#dimms.set(dimm.id, dimm);
  }

  /** How many slots the board has. */
  get slots(): number {
    return this.#board.slots;
  }

  /** DIMMs in the order in which they came. */
  snapshot(): Dimm[] {
    return [...this.#dimms.values()];
  }

  /** DIMMs by address. */
  list(): Dimm[] {
    return [...this.#dimms.values()].sort((a, b) => a.addr - b.addr);
  }

  /** What an administrator hears beside QEMU's error where no slot is left; the guest hears nothing (observed-6 §8). */
  refuseFull({ id, slot }: DimmRequest): Refusal | undefined {
    if (this.#dimms.size < this.slots || this.#dimms.has(id) || slot !== undefined) return undefined;
    return {
      errno: "ENOSPC",
      code: "no_slot",
      rule: "observed-6 §8: no free slots available",
      retry: "yes",
      remedy: ["remove a DIMM (dimm_del), or start a machine with more `slots`"],
      detail: `${this.slots} slots for DIMMs`,
    };
  }

  get(id: string): Dimm | undefined {
    return this.#dimms.get(id);
  }

  /** Whether `object-add` makes a backend for a DIMM: one that is still plugged in keeps its own (6.12: n_hwpoison3). */
  offerBackend(memdev: string): QmpResult {
    return this.list().some((dimm) => dimm.memdev === memdev) ? DIMM_ERRORS.duplicateBackend(memdev) : OK;
  }

  /** Where a DIMM would go, judged in QEMU's order. @throws RangeError, TypeError for what is no request at all. */
  place(request: DimmRequest): QmpResult<{ readonly slot: number; readonly addr: number }> {
    checkDimmRequest("dimm", request);
    if (this.#dimms.has(request.id) || this.#others.has(request.id))
      return genericError(`Duplicate device ID '${request.id}'`);
    const { unitBytes } = this.#board;
    if (unitBytes !== undefined && request.sizeBytes % unitBytes !== 0) return DIMM_ERRORS.notWholeUnits(unitBytes);
    const slot = this.freeSlot(request.slot);
    if (!slot.ok) return slot;
    const used = this.list().reduce((sum, dimm) => sum + dimm.sizeBytes, 0);
    if (used + request.sizeBytes > this.#board.roomBytes)
      return DIMM_ERRORS.notEnoughSpace(used, this.#board.roomBytes);
    const addr = this.#freeAddress(request.addr, request.sizeBytes);
    if (!addr.ok) return addr;
    if (request.node >= Math.max(1, this.#board.nodes))
      return DIMM_ERRORS.noSuchNode(request.node, Math.max(1, this.#board.nodes));
    return { ok: true, value: { slot: slot.value, addr: addr.value } };
  }

  plug(request: DimmRequest, hotplugged: boolean, isNvdimm = false): QmpResult<Dimm> {
    const placed = this.place(request);
    if (!placed.ok) return placed;
    const { id, memdev, sizeBytes, node } = request;
    const kind = isNvdimm ? ({ nvdimm: true } as const) : {};
    const dimm: Dimm = { id, memdev, ...placed.value, sizeBytes, node, hotplugged, ...kind };
    this.#dimms.set(id, dimm);
    return { ok: true, value: dimm };
  }

  unplug(id: string): void {
    this.#dimms.delete(id);
  }

  /** The slot that a DIMM would get; `hint`: the one that the user named. */
  freeSlot(hint: number | undefined): QmpResult<number> {
    const taken = new Set(this.list().map((dimm) => dimm.slot));
    if (hint !== undefined) {
      if (hint < 0 || hint >= this.slots) return DIMM_ERRORS.invalidSlot(hint, this.slots);
      return taken.has(hint) ? DIMM_ERRORS.busySlot(hint) : { ok: true, value: hint };
    }
    for (let slot = 0; slot < this.slots; slot++) if (!taken.has(slot)) return { ok: true, value: slot };
    return DIMM_ERRORS.noFreeSlot(this.slots);
  }

  #freeAddress(wanted: number | bigint | undefined, sizeBytes: number): QmpResult<number> {
    const { start, end } = this.#board.window;
    // QEMU takes such an address on pseries too, and announces the LMB that it lies in (spapr_add_lmbs, from source): the guest would have memory
    // behind which is none, and others' LMB twice. memhp refuses it in QEMU's words for other boards.
    const alignment = this.#board.unitBytes ?? UNIT_BYTES;
    if (wanted !== undefined && BigInt(wanted) % BigInt(alignment) !== 0n)
      return DIMM_ERRORS.misalignedAddress(alignment);
    if (sizeBytes % UNIT_BYTES !== 0) return DIMM_ERRORS.misalignedSize(UNIT_BYTES);
    if (wanted !== undefined) {
      // Rounded where it is far beyond the range.
      const hint = Number(wanted);
      if (hint < start || hint + sizeBytes > end) return DIMM_ERRORS.outOfRange(wanted, sizeBytes, start, end - start);
      const other = this.#occupied().find((dimm) => hint < dimm.addr + dimm.sizeBytes && dimm.addr < hint + sizeBytes);
      return other === undefined ? { ok: true, value: hint } : DIMM_ERRORS.conflict(other.id);
    }
    let addr = start;
    for (const dimm of this.#occupied()) {
      if (addr + sizeBytes <= dimm.addr) break;
      addr = Math.max(addr, dimm.addr + dimm.sizeBytes);
    }
    return addr + sizeBytes > end ? DIMM_ERRORS.noGap() : { ok: true, value: addr };
  }

  /** Addresses that are DIMMs' or will be other devices', ascending. */
  #occupied(): DeviceMemory[] {
    return [...this.#dimms.values(), ...this.#others.reserved()].sort((a, b) => a.addr - b.addr);
  }
}
