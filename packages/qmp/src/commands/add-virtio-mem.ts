import { CommandError } from "../command-error.ts";
import { parseKeyvalInteger } from "../keyval-integer.ts";
import type { QmpPort, VirtioMemPci } from "../port.ts";
import { lastName } from "../qom.ts";
import type { Awaitable } from "../result.ts";
import type { PlainValue } from "../json/value.ts";
import { DEFAULT_VERSION, isQemuSince } from "../version.ts";
import { andThen, emptyAnswer } from "./command.ts";
import { checkMemdev } from "./check-memdev.ts";

const UNITS = "BKMGTPE";
const SIZE = /^(0[xX][0-9a-fA-F]+|[0-9]+)([bBkKmMgGtTpPeE]?)$/;

/** `device_add virtio-mem-pci` (7.3-vmem, 7.3-qemu11: v_hotplug_device). */
export function addVirtioMem(
  port: QmpPort,
  options: ReadonlyMap<string, string>,
  name: Pick<VirtioMemPci, "id" | "path">,
): Awaitable<PlainValue> {
  const memdev = options.get("memdev");
  return andThen(memdev ? port.resolve(memdev) : undefined, (kind) => {
    if (memdev) checkMemdev(memdev, kind);
    const device = {
      ...name,
      ...(memdev && { memdev: lastName(memdev) }),
      ...readProperties(options, port),
    };
    return andThen(port.virtioMemAdd?.(device), (added) => (added === undefined ? {} : emptyAnswer(added)));
  });
}

function readProperties(
  options: ReadonlyMap<string, string>,
  port: QmpPort,
): Omit<VirtioMemPci, "id" | "path" | "memdev"> {
  const bus = options.get("bus");
  let node = 0n;
  let requestedBytes = 0n;
  let blockBytes: bigint | undefined;
  for (const [name, text] of options) {
    if (name === "node") node = parseKeyvalInteger(name, text, "uint32_t");
    else if (name === "requested-size") requestedBytes = readSize(name, text);
    else if (name === "block-size") blockBytes = readSize(name, text);
    else if (!["driver", "id", "bus", "memdev"].includes(name) && !isWithoutEffect(name, text, port))
      throw new CommandError(`Property 'virtio-mem-pci.${name}' not found`);
  }
  return {
    node: Number(node),
    requestedBytes,
    ...(bus === undefined ? {} : { bus }),
    ...(blockBytes === undefined ? {} : { blockBytes }),
  };
}

/** How QEMU gives the memory to its hypervisor; the guest sees nothing of it (7.3-qemu11: v_dynamic_memslots). Since QEMU 8.2, from source. */
function isWithoutEffect(name: string, text: string, { version = DEFAULT_VERSION }: QmpPort): boolean {
  return name === "dynamic-memslots" && ["on", "off"].includes(text) && isQemuSince(version, 8, 2);
}

function readSize(name: string, text: string): bigint {
  const parts = SIZE.exec(text);
  if (parts === null) throw new CommandError(`Parameter '${name}' expects a size value`);
  const [, digits = "0", unit = ""] = parts;
  return BigInt(digits) << BigInt(10 * Math.max(0, UNITS.indexOf(unit.toUpperCase() || "B")));
}
