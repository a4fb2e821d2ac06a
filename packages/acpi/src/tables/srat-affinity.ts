import { readText, TableError, view, writeText } from "./table-header.ts";

/** A range of memory and the proximity domain that it lies in. */
export interface MemoryAffinity {
  readonly type: "memory";
  /** Proximity domain. */
  readonly proximity: number;
  /** Bytes. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
  readonly enabled: boolean;
  /** The range may be empty now and be filled by a DIMM later. */
  readonly hotPluggable: boolean;
  readonly nonVolatile: boolean;
}

/** A processor with an 8-bit local APIC id. */
export interface ApicAffinity {
  readonly type: "apic";
  /** Proximity domain. */
  readonly proximity: number;
  readonly apicId: number;
  readonly sapicEid: number;
  readonly clockDomain: number;
  readonly enabled: boolean;
}

/** A processor, by its x2APIC id, and its proximity domain. */
export interface X2apicAffinity {
  readonly type: "x2apic";
  /** Proximity domain. */
  readonly proximity: number;
  readonly apicId: number;
  readonly clockDomain: number;
  readonly enabled: boolean;
}

/** A device that reads and writes memory and is no processor. */
export interface InitiatorAffinity {
  readonly type: "initiator";
  /** Proximity domain. */
  readonly proximity: number;
  readonly device:
    | { readonly kind: "acpi"; readonly hid: string; readonly uid: number }
    | { readonly kind: "pci"; readonly segment: number; readonly bdf: number };
  readonly enabled: boolean;
  readonly architectural: boolean;
}

/** A structure that memhp does not know, whole: its first bytes are type and length. */
export interface OtherAffinity {
  readonly type: "other";
  readonly bytes: readonly number[];
}

/** One structure of an SRAT: whom it places in which proximity domain. */
export type SratAffinity = MemoryAffinity | ApicAffinity | X2apicAffinity | InitiatorAffinity | OtherAffinity;

/** Type numbers and lengths of the structures (ACPI specification, SRAT). */
const layout = { apic: [0, 16], memory: [1, 40], x2apic: [2, 24], initiator: [5, 32] } as const;
const typeNames: ReadonlyMap<number, keyof typeof layout> = new Map([
  [0, "apic"],
  [1, "memory"],
  [2, "x2apic"],
  [5, "initiator"],
]);

const ENABLED = 0x1;
const HOT_PLUGGABLE = 0x2;
const NON_VOLATILE = 0x4;
const ARCHITECTURAL = 0x2;

/** A field that some structures share. In tables before revision 2 a proximity domain has 8 bits. */
function proximity(value: number, revision: number): number {
  return revision < 2 ? value & 0xff : value;
}

export function readAffinity(bytes: Uint8Array, revision: number, at: number): SratAffinity {
  const type = typeNames.get(bytes[0] ?? -1);
  if (type === undefined) return { type: "other", bytes: [...bytes] };
  const [, length] = layout[type];
  if (bytes.length < length)
    throw new TableError(`SRAT: the ${type} structure at byte ${at} has length ${bytes.length}`);
  return readers[type](bytes, view(bytes), revision);
}

type Reader = (bytes: Uint8Array, data: DataView, revision: number) => SratAffinity;

const readers: Readonly<Record<keyof typeof layout, Reader>> = {
  apic(bytes, data, revision) {
    const high = (data.getUint8(9) << 8) | (data.getUint8(10) << 16) | (data.getUint8(11) << 24);
    return {
      type: "apic",
      proximity: proximity((high | data.getUint8(2)) >>> 0, revision),
      apicId: data.getUint8(3),
      enabled: (data.getUint32(4, true) & ENABLED) !== 0,
      sapicEid: data.getUint8(8),
      clockDomain: data.getUint32(12, true),
    };
  },
  memory(bytes, data, revision) {
    const flags = data.getUint32(28, true);
    return {
      type: "memory",
      proximity: proximity(data.getUint32(2, true), revision),
      start: readBytes(data, 8),
      size: readBytes(data, 16),
      enabled: (flags & ENABLED) !== 0,
      hotPluggable: (flags & HOT_PLUGGABLE) !== 0,
      nonVolatile: (flags & NON_VOLATILE) !== 0,
    };
  },
  x2apic(bytes, data) {
    return {
      type: "x2apic",
      proximity: data.getUint32(4, true),
      apicId: data.getUint32(8, true),
      enabled: (data.getUint32(12, true) & ENABLED) !== 0,
      clockDomain: data.getUint32(16, true),
    };
  },
  initiator(bytes, data) {
    const flags = data.getUint32(24, true);
    return {
      type: "initiator",
      proximity: data.getUint32(4, true),
      device:
        data.getUint8(3) === 0
          ? { kind: "acpi", hid: readText(bytes, 8, 8), uid: data.getUint32(16, true) }
          : { kind: "pci", segment: data.getUint16(8, true), bdf: data.getUint16(10, true) },
      enabled: (flags & ENABLED) !== 0,
      architectural: (flags & ARCHITECTURAL) !== 0,
    };
  },
};

/** @throws RangeError for a number that its field cannot hold. */
export function affinityBytes(affinity: SratAffinity, revision: number): Uint8Array {
  if (affinity.type === "other") return Uint8Array.from(affinity.bytes);
  const [type, length] = layout[affinity.type];
  const bytes = new Uint8Array(length);
  bytes[0] = type;
  bytes[1] = length;
  const domain = inRange(affinity.proximity, revision < 2 ? 8 : 32, "proximity");
  const write = writers[affinity.type] as Writer<KnownAffinity>;
  write(affinity, bytes, view(bytes), domain);
  return bytes;
}

type KnownAffinity = Exclude<SratAffinity, OtherAffinity>;
type Writer<A extends KnownAffinity> = (affinity: A, bytes: Uint8Array, data: DataView, domain: number) => void;

const writers: Readonly<{ [T in KnownAffinity["type"]]: Writer<Extract<KnownAffinity, { type: T }>> }> = {
  apic(affinity, _bytes, data, domain) {
    data.setUint8(2, domain & 0xff);
    data.setUint8(3, inRange(affinity.apicId, 8, "apicId"));
    data.setUint32(4, affinity.enabled ? ENABLED : 0, true);
    data.setUint8(8, inRange(affinity.sapicEid, 8, "sapicEid"));
    data.setUint8(9, (domain >>> 8) & 0xff);
    data.setUint8(10, (domain >>> 16) & 0xff);
    data.setUint8(11, domain >>> 24);
    data.setUint32(12, inRange(affinity.clockDomain, 32, "clockDomain"), true);
  },
  memory({ start, size, enabled, hotPluggable, nonVolatile }, _bytes, data, domain) {
    data.setUint32(2, domain, true);
    writeBytes(data, 8, start, "start");
    writeBytes(data, 16, size, "size");
    const flags = (enabled ? ENABLED : 0) | (hotPluggable ? HOT_PLUGGABLE : 0) | (nonVolatile ? NON_VOLATILE : 0);
    data.setUint32(28, flags, true);
  },
  x2apic(affinity, _bytes, data, domain) {
    data.setUint32(4, domain, true);
    data.setUint32(8, inRange(affinity.apicId, 32, "apicId"), true);
    data.setUint32(12, affinity.enabled ? ENABLED : 0, true);
    data.setUint32(16, inRange(affinity.clockDomain, 32, "clockDomain"), true);
  },
  initiator({ device, enabled, architectural }, bytes, data, domain) {
    data.setUint8(3, device.kind === "acpi" ? 0 : 1);
    data.setUint32(4, domain, true);
    if (device.kind === "acpi") {
      writeText(bytes, 8, 8, device.hid);
      data.setUint32(16, inRange(device.uid, 32, "uid"), true);
    } else {
      data.setUint16(8, inRange(device.segment, 16, "segment"), true);
      data.setUint16(10, inRange(device.bdf, 16, "bdf"), true);
    }
    data.setUint32(24, (enabled ? ENABLED : 0) | (architectural ? ARCHITECTURAL : 0), true);
  },
};

function inRange(value: number, bits: number, what: string): number {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** bits) return value;
  throw new RangeError(`SRAT: ${what} ${value} does not fit ${bits} bits`);
}

/** A 64-bit number of bytes. @throws TableError beyond 2^53. */
function readBytes(data: DataView, offset: number): number {
  const value = data.getBigUint64(offset, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new TableError(`SRAT: memory at 0x${value.toString(16)} is out of reach`);
  return Number(value);
}

function writeBytes(data: DataView, offset: number, value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`SRAT: ${what} ${value} is no number of bytes`);
  data.setBigUint64(offset, BigInt(value), true);
}
