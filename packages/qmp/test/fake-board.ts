import {
  createMemoryBackends,
  DIMM_ERRORS,
  type MemoryBackends,
  type DimmInSlot,
  OK,
  type OspmStatus,
  type PcDimm,
  type QmpEvent,
  type QmpPort,
  type QmpResult,
  resolveQomPath,
} from "../src/index.ts";

const MIB = 1024n * 1024n;
const GIB = 1024n * MIB;
const ALIGN = 2n * MIB;
/** A boot memory of up to 3 GiB lies below it. */
const WINDOW_START = 4n * GIB;

/** -m baseBytes,slots=slots,maxmem=maxBytes, and as many -numa node. */
export interface BoardShape {
  readonly slots: number;
  readonly nodes: number;
  readonly baseBytes: number;
  readonly maxBytes: number;
}

/** The board of the recorded answers: -m 2G,slots=4,maxmem=8G, two nodes. */
const RECORDED_SHAPE: BoardShape = { slots: 4, nodes: 2, baseBytes: 2 * 2 ** 30, maxBytes: 8 * 2 ** 30 };

export interface FakeDimm extends DimmInSlot {
  readonly path: string;
  readonly addr: bigint;
  readonly sizeBytes: bigint;
}

/** A board with QEMU's rules for DIMMs, and a guest that does what it is told. */
export class FakeBoard implements QmpPort {
  readonly version = { major: 7, minor: 2, micro: 22, package: "Debian 1:7.2+dfsg-7+deb12u18+b3" };
  readonly slots: number;
  readonly nodes: number;
  readonly #baseBytes: bigint;
  readonly #maxBytes: bigint;
  readonly backends: MemoryBackends = createMemoryBackends();
  readonly dimms: FakeDimm[] = [];
  readonly ost = new Map<number, { source: number; status: number }>();
  readonly #listeners = new Set<(event: QmpEvent) => void>();
  atNs = 0;
  quits = 0;

  constructor({ slots, nodes, baseBytes, maxBytes }: BoardShape = RECORDED_SHAPE) {
    this.slots = slots;
    this.nodes = nodes;
    this.#baseBytes = BigInt(baseBytes);
    this.#maxBytes = BigInt(maxBytes);
    for (const id of ["ram0", "ram1"]) {
      this.backends.add({ id, sizeBytes: GIB });
      this.backends.claim(id);
    }
  }

  nowNs(): number {
    return this.atNs;
  }

  runState(): string {
    return "prelaunch";
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  resolve(path: string): ReturnType<typeof resolveQomPath> {
    return resolveQomPath(path, {
      backends: this.backends.ids(),
      devices: this.dimms.map(({ id, path }) => id ?? path),
    });
  }

  objectAdd(backend: { id: string; sizeBytes: bigint }): QmpResult {
    return this.backends.add(backend);
  }

  objectDel(id: string): QmpResult {
    return this.backends.remove(id);
  }

  deviceAdd({ id, path, memdev, slot, node, addr }: PcDimm): QmpResult {
    const place = this.#slot(slot);
    if (!place.ok) return place;
    const backend = memdev === undefined ? undefined : this.backends.get(memdev);
    if (memdev === undefined || backend === undefined) return DIMM_ERRORS.noMemdev();
    const address = this.#address(addr, backend.sizeBytes);
    if (!address.ok) return address;
    if (node >= this.nodes) return DIMM_ERRORS.noSuchNode(node, this.nodes);
    const claim = this.backends.claim(memdev);
    if (!claim.ok) return claim;
    this.dimms.push({
      ...(id !== undefined && { id }),
      path,
      memdev,
      addr: address.value,
      sizeBytes: backend.sizeBytes,
      slot: place.value,
      node,
      hotplugged: true,
    });
    this.dimms.sort((a, b) => Number(a.addr - b.addr));
    return OK;
  }

  deviceDel(): QmpResult {
    return OK;
  }

  memoryDevices(): readonly FakeDimm[] {
    return this.dimms;
  }

  ospmStatus(): OspmStatus[] {
    return Array.from({ length: this.slots }, (_, slot) => {
      const id = this.dimms.find((dimm) => dimm.slot === slot)?.id;
      const { source, status } = this.ost.get(slot) ?? { source: 0, status: 0 };
      return { ...(id !== undefined && { device: id }), slot, slotType: "DIMM", source, status };
    });
  }

  memorySizeSummary(): { baseBytes: bigint; pluggedBytes: bigint } {
    return { baseBytes: this.#baseBytes, pluggedBytes: this.#usedBytes() };
  }

  quit(): void {
    this.quits++;
  }

  subscribe(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The guest's `_OST` for a slot. */
  guestOst(slot: number, source: number, status: number): void {
    this.ost.set(slot, { source, status });
    const info = this.ospmStatus()[slot];
    if (info !== undefined) this.emit({ event: "ACPI_DEVICE_OST", atNs: this.atNs, info });
  }

  /** The guest ejects a DIMM. */
  guestEject(id: string): void {
    const at = this.dimms.findIndex((dimm) => dimm.id === id);
    const [dimm] = this.dimms.splice(at, 1);
    if (dimm === undefined) throw new Error(`no DIMM ${id}`);
    this.backends.release(dimm.memdev);
    this.emit({ event: "DEVICE_DELETED", atNs: this.atNs, device: id, path: `/machine/peripheral/${id}` });
  }

  emit(event: QmpEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #usedBytes(): bigint {
    return this.dimms.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0n);
  }

  #slot(wanted: number | undefined): QmpResult<number> {
    const taken = new Set(this.dimms.map(({ slot }) => slot));
    if (wanted !== undefined) {
      if (wanted < 0 || wanted >= this.slots) return DIMM_ERRORS.invalidSlot(wanted, this.slots);
      return taken.has(wanted) ? DIMM_ERRORS.busySlot(wanted) : { ok: true, value: wanted };
    }
    for (let slot = 0; slot < this.slots; slot++) if (!taken.has(slot)) return { ok: true, value: slot };
    return DIMM_ERRORS.noFreeSlot(this.slots);
  }

  #address(wanted: bigint | undefined, sizeBytes: bigint): QmpResult<bigint> {
    const total = this.#maxBytes - this.#baseBytes;
    if (this.#usedBytes() + sizeBytes > total) return DIMM_ERRORS.notEnoughSpace(this.#usedBytes(), total);
    if (wanted !== undefined && wanted % ALIGN !== 0n) return DIMM_ERRORS.misalignedAddress(ALIGN);
    if (sizeBytes % ALIGN !== 0n) return DIMM_ERRORS.misalignedSize(ALIGN);
    // QEMU leaves an alignment of 1 GiB to every slot.
    const windowBytes = total + BigInt(this.slots) * GIB;
    const end = WINDOW_START + windowBytes;
    if (wanted !== undefined) {
      if (wanted < WINDOW_START || wanted + sizeBytes > end) {
        return DIMM_ERRORS.outOfRange(wanted, sizeBytes, WINDOW_START, windowBytes);
      }
      const other = this.dimms.find((dimm) => wanted < dimm.addr + dimm.sizeBytes && dimm.addr < wanted + sizeBytes);
      return other === undefined ? { ok: true, value: wanted } : DIMM_ERRORS.conflict(other.id);
    }
    let addr = WINDOW_START;
    for (const dimm of this.dimms) if (addr + sizeBytes > dimm.addr) addr = dimm.addr + dimm.sizeBytes;
    return addr + sizeBytes > end ? DIMM_ERRORS.noGap() : { ok: true, value: addr };
  }
}
