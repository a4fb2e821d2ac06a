import type { KernelPort } from "./kernel-port.ts";

/** /proc/vmstat: the items of zones, of nodes, and the events. */
export function vmstat(port: KernelPort): string {
  const { zoneCounters, nodeCounters, vmEvents } = port.kernel.text;
  const values = port.vmstat();
  return [...zoneCounters, ...nodeCounters, ...vmEvents].map((name) => `${name} ${values[name] ?? 0}\n`).join("");
}
