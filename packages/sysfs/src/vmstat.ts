import type { KernelPort } from "./kernel-port.ts";
import { kernelText } from "./kernel-text.ts";
import { vmEvents } from "./vm-events.ts";

/** /proc/vmstat: the items of zones, of nodes, and the events. */
export function vmstat(port: KernelPort): string {
  const { id } = port.profile;
  const values = port.vmstat();
  return [...kernelText[id].zoneCounters, ...kernelText[id].nodeCounters, ...vmEvents[id]]
    .map((name) => `${name} ${values[name] ?? 0}\n`)
    .join("");
}
