import { type Caller, checkedTask, type Task, text } from "@memhp/abi";
import {
  type HotplugOutcome,
  MAX_NAMED_SLOTS,
  NOTIFY_DEVICE_CHECK,
  NOTIFY_EJECT_REQUEST,
  qemuSlotPath,
  STA_DEFAULT,
} from "@memhp/acpi";
import { deviceNotFound, DIMM_ERRORS, isQemuSince, type QmpResult } from "@memhp/qmp";
import type { ByteRange } from "@memhp/platforms";
import type { DeviceHost, DlparPort } from "../device-type.ts";
import { fail } from "../spec-fields.ts";
import type { ColdDimm } from "./cold-dimm.ts";
import { checkDimmRequest } from "./dimm-arguments.ts";
import type { DimmImage, OstRecord } from "./dimm-image.ts";
import { type Dimm, type DimmRequest, DimmSlots } from "./dimm-slots.ts";

function rangeOf({ addr, sizeBytes }: Dimm): ByteRange {
  return { start: addr, end: addr + sizeBytes };
}

/** The DIMMs of a machine: the slots of its board, and what firmware and kernel tell each other of them. */
export class Dimms extends DimmSlots {
  /** Slots that have a name in the namespace. */
  readonly namedSlots: number;
  /** Last _OST of each slot. */
  readonly ostOfSlot: Map<number, OstRecord>;
  readonly #host: DeviceHost;
  /** Ids of those that QEMU asked the guest for, which said nothing. */
  readonly #asked: Set<string>;
  readonly #slotOf: ReadonlyMap<string, number>;

  /** The board takes NVDIMMs. */
  readonly takesNvdimms: boolean;

  /** @param takesNvdimms `nvdimm=on` of the board. */
  constructor(host: DeviceHost, image: DimmImage | undefined, takesNvdimms = false) {
    super(host.board, host.others, image?.plugged);
    this.#host = host;
    this.takesNvdimms = takesNvdimms;
    this.#asked = new Set(image?.asked);
    this.ostOfSlot = new Map(image?.ost);
    // More slots than these are only numbers.
    this.namedSlots = Math.min(Math.max(1, host.board.slots), MAX_NAMED_SLOTS);
    this.#slotOf = new Map(Array.from({ length: this.namedSlots }, (_, slot) => [this.#pathOf(slot), slot]));
  }

  /** Plugs a DIMM in and lets firmware tell the kernel. */
  insert(request: DimmRequest, caller: Caller = {}): Task<QmpResult<Dimm>> {
    return checkedTask(
      "dimms.insert",
      () => checkDimmRequest("dimms.insert: request", request),
      () => this.#insert(request, caller),
    );
  }

  #insert(request: DimmRequest, caller: Caller): Task<QmpResult<Dimm>> {
    // The board has it at once; a kernel that is busy hears of it later (n_add_waits).
    const plugged = this.plug(request, true);
    if (plugged.ok) return this.arrive(plugged.value, caller);
    const full = this.refuseFull(request);
    if (full !== undefined) this.#host.tell(full, caller);
    return this.#host.start(`arrival of DIMM ${request.id}`, async () => plugged, caller);
  }

  /** Firmware tells the kernel of a DIMM that was plugged in while it ran. */
  arrive(dimm: Dimm, caller: Caller = {}): Task<QmpResult<Dimm>> {
    const hear = async (): Promise<QmpResult<Dimm>> => {
      // Firmware tells of an NVDIMM by its root device and _FIT, which brings a region and no memory (acpi_nfit_notify; QEMU: nvdimm_plug).
      if (dimm.nvdimm === true) return { ok: true, value: dimm };
      await this.#host.underLock(async () => {
        const { dlpar } = this.#host;
        if (dlpar !== undefined) {
          await dlpar.add(rangeOf(dimm), dimm.node);
          return;
        }
        this.#fill(dimm);
        await this.#host.notify({ id: dimm.id, path: this.#pathOf(dimm.slot) }, NOTIFY_DEVICE_CHECK, caller);
      });
      return { ok: true, value: dimm };
    };
    return this.#host.start(`arrival of DIMM ${dimm.id}`, hear, caller);
  }

  /** Asks the kernel to give a DIMM back; the outcome is in `_OST` and the events. */
  eject(id: string, caller: Caller = {}): Task<QmpResult<HotplugOutcome & { readonly ok: boolean }>> {
    const eject = async (): Promise<QmpResult<HotplugOutcome & { readonly ok: boolean }>> => {
      const dimm = this.get(id);
      if (dimm === undefined) return deviceNotFound(id);
      if (dimm.nvdimm === true) return DIMM_ERRORS.nvdimmStays();
      if (this.#host.dlpar !== undefined) return this.#ejectByDlpar(dimm, this.#host.dlpar);
      const outcome = await this.#host.notify({ id, path: this.#pathOf(dimm.slot) }, NOTIFY_EJECT_REQUEST, caller);
      return { ok: true, value: { ...outcome, ok: outcome.errno === 0 } };
    };
    return checkedTask(
      "dimms.eject",
      () => text("dimms.eject: id", id),
      () => this.#host.start(`eject of DIMM ${id}`, () => this.#host.underLock(eject), caller),
    );
  }

  /** QEMU 9.1 has MEM_UNPLUG_ERROR no more (its docs/about/removed-features.rst). */
  get #oldWord(): { readonly memUnplugError?: true } {
    return isQemuSince(this.#host.board.qemu, 9, 1) ? {} : { memUnplugError: true };
  }

  async #ejectByDlpar(dimm: Dimm, dlpar: DlparPort): Promise<QmpResult<HotplugOutcome & { readonly ok: boolean }>> {
    const { id } = dimm;
    // QEMU waits for the guest's word as long as no LMB has come back to it (p_notifier).
    if (this.#asked.has(id)) return DIMM_ERRORS.unplugInProgress(id);
    const removed = await dlpar.remove(rangeOf(dimm), dimm.node);
    const { ok, gone } = removed;
    if (ok) {
      this.unplug(id);
      this.#host.emit({ type: "device_deleted", device: id });
    } else if (gone === 0) this.#asked.add(id);
    else this.#host.emit({ type: "unplug_refused", device: id, ...this.#oldWord });
    const outcome = { device: id, source: 0, status: undefined, untold: [] } as const;
    if (removed.ok) return { ok: true, value: { ...outcome, ok, errno: 0, refusals: [] } };
    const { refusal } = removed;
    return { ok: true, value: { ...outcome, ok, errno: "EBUSY", refusal, refusals: [refusal] } };
  }

  /** Boot-time scan of the ACPI namespace: DIMMs that are not in the firmware's memory map are added (observed-4.1 §2). */
  plugCold(dimms: readonly ColdDimm[]): void {
    for (const { nvdimm, ...cold } of dimms) {
      // After a reset they are in their slots already.
      const there = this.get(cold.id);
      const plugged =
        there === undefined ? this.plug(cold, false, nvdimm === true) : ({ ok: true, value: there } as const);
      if (!plugged.ok) fail("machine", `DIMM ${cold.id}: ${plugged.refusal.desc}`);
      this.#fill(plugged.value);
    }
  }

  /** The kernel evaluated _OST of a slot. */
  ost(path: string, source: number, status: number): boolean {
    const slot = this.#slotOf.get(path);
    if (slot === undefined) return false;
    const device = this.#dimmIn(slot)?.id;
    this.ostOfSlot.set(slot, { device, source, status });
    this.#host.emit({ type: "acpi_ost", ...(device === undefined ? {} : { device }), slot, source, status });
    return true;
  }

  /** The kernel evaluated _EJ0 of a slot. */
  ejected(path: string): boolean {
    const slot = this.#slotOf.get(path);
    if (slot === undefined) return false;
    this.#host.acpi.namespace.set(path, { _STA: 0, _CRS: [] });
    const dimm = this.#dimmIn(slot);
    if (dimm === undefined) return true;
    this.unplug(dimm.id);
    this.#host.emit({ type: "device_deleted", device: dimm.id });
    return true;
  }

  /** All that is plugged in by now is there when the kernel boots; the board keeps what was told of its slots. */
  afterReset(): { readonly spec: { readonly cold: readonly ColdDimm[] }; readonly image: DimmImage } {
    const { asked: _asked, ...image } = this.image();
    const cold = image.plugged.map(({ hotplugged: _hotplugged, ...dimm }) => dimm);
    return { spec: { cold }, image };
  }

  image(): DimmImage {
    const asked = [...this.#asked];
    return { plugged: this.snapshot(), ost: [...this.ostOfSlot], ...(asked.length === 0 ? {} : { asked }) };
  }

  #fill(dimm: Dimm): void {
    // An NVDIMM is told of by the NFIT, not by its slot (QEMU: nvdimm_acpi_plug_cb).
    if (this.#host.dlpar !== undefined || dimm.nvdimm === true) return;
    this.#host.acpi.namespace.set(this.#pathOf(dimm.slot), {
      _STA: STA_DEFAULT,
      _CRS: [{ type: "memory", start: dimm.addr, size: dimm.sizeBytes }],
      _PXM: dimm.node,
    });
  }

  #pathOf(slot: number): string {
    return qemuSlotPath(slot, this.namedSlots);
  }

  #dimmIn(slot: number): Dimm | undefined {
    return this.list().find((dimm) => dimm.slot === slot);
  }
}
