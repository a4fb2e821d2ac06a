import { isScalar } from "../arguments.ts";
import { CommandError } from "../command-error.ts";
import { printDouble } from "../json/print.ts";
import { JsonDouble, type JsonObject, type PlainValue } from "../json/value.ts";
import { parseKeyvalInteger } from "../keyval-integer.ts";
import type { PcDimm, QmpPort } from "../port.ts";
import {
  anonymousDevicePath,
  deviceIdOf,
  devicePath,
  isWellFormedId,
  lastName,
  type QomKind,
  resolveQomPath,
} from "../qom.ts";
import type { Awaitable } from "../result.ts";
import { addVirtioMem } from "./add-virtio-mem.ts";
import { checkMemdev } from "./check-memdev.ts";
import { type Command, emptyAnswer, andThen } from "./command.ts";

const READ_ONLY: ReadonlySet<string> = new Set(["size", "hotpluggable", "hotplugged", "type", "parent_bus"]);

/**
 * `device_add` takes its arguments as the options of `-device`: every value becomes text, what has no text is dropped
 * (qemu_opts_from_qdict), and the properties are set in the order of QEMU's hash table.
 */
export const deviceAdd: Command = (given, { port, takeDeviceNumber }) => {
  const id = given.get("id");
  if (typeof id === "string" && !isWellFormedId(id)) throw new CommandError("Parameter 'id' expects an identifier");
  const options = readOptions(given);
  const driver = options.get("driver");
  const isVirtioMem = driver === "virtio-mem-pci" && port.virtioMemAdd !== undefined;
  if (!isVirtioMem) checkDimm(driver, options.get("bus"));
  const add = isVirtioMem ? addVirtioMem : addWithMemdev;
  if (typeof id !== "string") return add(port, options, { path: anonymousDevicePath(takeDeviceNumber()) });
  return andThen(port.resolve(devicePath(id)), (kind) => {
    if (kind !== undefined) throw new CommandError(`Duplicate device ID '${id}'`);
    return add(port, options, { id, path: devicePath(id) });
  });
};

/** Options as text, in QEMU's order. */
function readOptions(given: JsonObject): Map<string, string> {
  const options = new Map<string, string>();
  for (const [name, value] of given.entries()) {
    if (!isScalar(value)) continue;
    if (typeof value === "boolean") options.set(name, value ? "on" : "off");
    else options.set(name, value instanceof JsonDouble ? printDouble(value.value) : String(value));
  }
  return options;
}

function checkDimm(driver: string | undefined, bus: string | undefined): void {
  if (driver === undefined) throw new CommandError("Parameter 'driver' is missing");
  if (driver !== "pc-dimm" && driver !== "nvdimm")
    throw new CommandError(`'${driver}' is not a valid device model name`);
  if (bus !== undefined) throw new CommandError(`Bus '${bus}' not found`);
}

/** Words that QEMU takes for yes and no (util/qemu-option.c, qapi_bool_parse). */
const YES: ReadonlySet<string> = new Set(["on", "yes", "true", "y"]);
const NO: ReadonlySet<string> = new Set(["off", "no", "false", "n"]);

/** `realized` can be written, but only with no: QEMU 7.2 does not survive a yes. */
function checkRealized(driver: string, text: string): void {
  if (NO.has(text)) return;
  throw new CommandError(
    YES.has(text) ? `Property '${driver}.realized' is not writable` : "Parameter 'realized' expects 'on' or 'off'",
  );
}

/** The backend is looked up when its property is set, which is before the others. */
function addWithMemdev(
  port: QmpPort,
  options: ReadonlyMap<string, string>,
  name: Pick<PcDimm, "id" | "path">,
): Awaitable<PlainValue> {
  const memdev = options.get("memdev");
  const kind: Awaitable<QomKind | undefined> = memdev ? port.resolve(memdev) : undefined;
  return andThen(kind, (found) => {
    if (memdev) checkMemdev(memdev, found ?? itself(memdev, name.path));
    const dimm: PcDimm = {
      ...name,
      ...(memdev && { memdev: lastName(memdev) }),
      ...readProperties(options),
    };
    return andThen(port.deviceAdd(dimm), emptyAnswer);
  });
}

/** The device has its name when its properties are set: it can name itself, in vain. */
function itself(memdev: string, path: string): QomKind | undefined {
  return resolveQomPath(memdev, { backends: [], devices: [deviceIdOf(path) ?? path] });
}

/** Of an NVDIMM alone (hw/mem/nvdimm.c); who may write to it, and by what name it is known, is no matter of addresses. */
const NVDIMM_ONLY: ReadonlySet<string> = new Set(["label-size", "unarmed", "uuid"]);

function readProperties(options: ReadonlyMap<string, string>): Pick<PcDimm, "slot" | "node" | "addr" | "nvdimm"> {
  const driver = options.get("driver") as string;
  const isNvdimm = driver === "nvdimm";
  let [slot, node, addr, labelBytes] = [-1n, 0n, 0n, 0n];
  for (const [name, text] of options) {
    if (name === "slot") slot = parseKeyvalInteger(name, text, "int32_t");
    else if (name === "node") node = parseKeyvalInteger(name, text, "uint32_t");
    else if (name === "addr") addr = parseKeyvalInteger(name, text, "uint64_t");
    else if (name === "realized") checkRealized(driver, text);
    else if (isNvdimm && name === "label-size") labelBytes = readLabelSize(text);
    else if (READ_ONLY.has(name)) throw new CommandError(`Property '${driver}.${name}' is not writable`);
    else if (!["driver", "id", "bus", "memdev"].includes(name) && !(isNvdimm && NVDIMM_ONLY.has(name))) {
      throw new CommandError(`Property '${driver}.${name}' not found`);
    }
  }
  // Slot -1 and address 0 are the values that mean "any".
  return {
    ...(slot !== -1n && { slot: Number(slot) }),
    node: Number(node),
    ...(addr !== 0n && { addr }),
    ...(isNvdimm && { nvdimm: { labelBytes } }),
  };
}

/** A size, at least that of a label area (nvdimm_set_label_size, MIN_NAMESPACE_LABEL_SIZE). */
function readLabelSize(text: string): bigint {
  const bytes = parseKeyvalInteger("label-size", text, "uint64_t");
  if (bytes >= 131_072n) return bytes;
  throw new CommandError(`Property 'nvdimm.label-size' (0x${bytes.toString(16)}) is required at least 0x20000`);
}
