import { count, fail, knownFields, size } from "../spec-fields.ts";
import type { IgnoredWord } from "../ignored-word.ts";
import { isQemuSince } from "@memhp/qmp";
import { ignoredFields, qemuDevices, readQemuOptions } from "../qemu-options.ts";
import { backendOf, readQemuBackends } from "../qemu-backends.ts";
import type { SpecPart, SpecReading } from "../spec-part.ts";

/** A device of the command line; bytes. */
interface ColdVirtioMem {
  readonly id: string;
  readonly memdev: string;
  readonly sizeBytes: number;
  /** Proximity domain. */
  readonly node: number;
  readonly blockBytes?: number;
  readonly requestedBytes: number;
  /** Its number among the PCI devices of the command line, from 0. */
  readonly pciSlot: number;
}

/** The virtio-mem devices that a machine's description names. */
export interface VirtioMemSpec {
  readonly cold: readonly ColdVirtioMem[];
  /** Root ports that a device may be plugged into at run time, by their number among the PCI devices. */
  readonly ports: readonly { readonly id: string; readonly pciSlot: number }[];
}

const DRIVER = "virtio-mem-pci";
const FIELDS: ReadonlySet<string> = new Set(["id", "memdev", "node", "block-size", "requested-size"]);
/** dynamic-memslots, since QEMU 8.2 (from source): the guest sees nothing of it (7.3-qemu11: v_dynamic_memslots). */
const NEWER_FIELDS: ReadonlySet<string> = new Set([...FIELDS, "dynamic-memslots"]);
const PORT_FIELDS: ReadonlySet<string> = new Set(["id", "chassis", "slot"]);
const NO_PROPERTY = "the machine's QEMU, or memhp, has no such property of this device";
const MAX_DEVICES = 1024;

/** `-device virtio-mem-pci` and `-device pcie-root-port` of QEMU's view, `virtio_mem` of the short form. @throws SpecError */
export function readVirtioMem(raw: Readonly<Record<string, unknown>>, reading: SpecReading): SpecPart<VirtioMemSpec> {
  return reading.isShortForm ? readList(raw["virtio_mem"], reading) : readLine(raw["extra"], reading);
}

function partOf(spec: VirtioMemSpec): SpecPart<VirtioMemSpec> {
  const { cold, ports } = spec;
  if (cold.length === 0 && ports.length === 0) return {};
  return { spec, ids: [...cold, ...ports].map(({ id }) => id) };
}

function readLine(raw: unknown, { qemu }: SpecReading): SpecPart<VirtioMemSpec> {
  const options = readQemuOptions(raw);
  const backends = readQemuBackends(options);
  const cold: ColdVirtioMem[] = [];
  const ports: { id: string; pciSlot: number }[] = [];
  const used = new Set<number>();
  const ignored: IgnoredWord[] = [];
  let pciSlot = 0;
  for (const device of qemuDevices(options)) {
    const { option, type, fields } = device;
    if (type === "pcie-root-port") {
      ports.push({ id: fields.get("id") ?? fail(option.where, "a root port needs an id"), pciSlot: pciSlot++ });
      used.add(option.at);
      ignored.push(...ignoredFields(option, fields, PORT_FIELDS, NO_PROPERTY));
    } else if (type === DRIVER) {
      const { memdev, backend } = backendOf(backends, device);
      cold.push({ ...readDevice(fields, option.where), memdev, sizeBytes: backend.sizeBytes, pciSlot: pciSlot++ });
      for (const { at } of [option, backend.option]) used.add(at);
      const known = isQemuSince(qemu, 8, 2) ? NEWER_FIELDS : FIELDS;
      ignored.push(...backend.ignored, ...ignoredFields(option, fields, known, NO_PROPERTY));
    }
  }
  return { ...partOf({ cold, ports }), qemuOptions: [...used], ignored };
}

function readDevice(
  fields: ReadonlyMap<string, string>,
  where: string,
): Omit<ColdVirtioMem, "memdev" | "sizeBytes" | "pciSlot"> {
  const node = Number(fields.get("node") ?? 0);
  if (!Number.isSafeInteger(node) || node < 0) fail(`${where}: node`, "expected a whole number");
  const block = fields.get("block-size");
  return {
    id: fields.get("id") ?? fields.get("memdev") ?? "",
    node,
    requestedBytes: fields.has("requested-size") ? size(fields.get("requested-size"), `${where}: requested-size`) : 0,
    ...(block === undefined ? {} : { blockBytes: size(block, `${where}: block-size`) }),
  };
}

function readList(raw: unknown, { nodes }: SpecReading): SpecPart<VirtioMemSpec> {
  if (raw === undefined) return {};
  if (!Array.isArray(raw) || raw.length > MAX_DEVICES)
    fail("machine.virtio_mem", `expected a list of at most ${MAX_DEVICES} devices: { id, size, node }`);
  const cold = (raw as unknown[]).map((each, i): ColdVirtioMem => {
    const where = `machine.virtio_mem[${i}]`;
    const fields = knownFields(each, where, ["id", "size", "node", "block_size", "requested"]);
    const { id } = fields;
    if (typeof id !== "string") fail(`${where}.id`, `expected a name, found ${JSON.stringify(id)}`);
    const node = count(fields["node"], `${where}.node`, 0, Math.max(0, nodes - 1));
    return {
      id,
      memdev: `mem-${id}`,
      sizeBytes: size(fields["size"], `${where}.size`),
      node,
      requestedBytes: fields["requested"] === undefined ? 0 : size(fields["requested"], `${where}.requested`),
      ...(fields["block_size"] === undefined ? {} : { blockBytes: size(fields["block_size"], `${where}.block_size`) }),
      pciSlot: i,
    };
  });
  const bytes = cold.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const room = { slots: 0, bytes, largestBytes: Math.max(0, ...cold.map(({ sizeBytes }) => sizeBytes)) };
  return { ...partOf({ cold, ports: [] }), room };
}
