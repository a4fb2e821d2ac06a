import { readOnly } from "./attribute.ts";
import { directory } from "./directory.ts";
import type { KernelPort } from "./kernel-port.ts";
import type { Directory } from "./tree-node.ts";

/** /sys/firmware/memmap: one directory for each range that firmware or a hot-add told of (6.1: x_firmware_memmap). */
export function firmwareMemmapDirectory(port: KernelPort): Directory {
  return directory({}, [
    { prefix: "", ids: () => port.firmwareMemmap().keys(), entry: (index) => entryDirectory(port, index) },
  ]);
}

function entryDirectory(port: KernelPort, index: number): Directory | undefined {
  const entry = port.firmwareMemmap()[index];
  if (entry === undefined) return undefined;
  return directory({
    end: readOnly(() => `0x${entry.end.toString(16)}\n`),
    start: readOnly(() => `0x${entry.start.toString(16)}\n`),
    type: readOnly(() => `${entry.type}\n`),
  });
}
