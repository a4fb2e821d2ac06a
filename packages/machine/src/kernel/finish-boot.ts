import type { Task } from "@memhp/abi";
import { internalsOf, type Machine } from "../machine.ts";
import { parseBootOptions } from "../spec/boot-options.ts";
import { bootPools, hugepageSizes } from "../spec/hugepage-pools.ts";

/** What the kernel does at boot once memory is set up: hugepage pools, and the devices that are there. */
export function finishBoot(machine: Machine): Task<void> {
  const { parts, start } = internalsOf(machine);
  return start("boot", async () => {
    await bootHugepages(machine);
    const startOffline = machine.spec.devicesStartOffline === true;
    await parts.bootScan.run(parts.devices, machine.acpi, parts.memory, startOffline);
  });
}

/** `hugepages=` and `hugepagesz=`. */
async function bootHugepages(machine: Machine): Promise<void> {
  const { kernel, board, spec } = machine;
  if (!kernel.config.HUGETLBFS) return;
  const options = parseBootOptions(spec.cmdline);
  const { pages } = internalsOf(machine).parts;
  for (const { sizeKb, count, ofNodes } of bootPools(
    kernel,
    hugepageSizes(kernel, board.arch, spec, options),
    options,
  )) {
    if (ofNodes === undefined) await pages.setHugepages(undefined, sizeKb, count);
    for (const { node, count: here } of ofNodes ?? [])
      if (machine.map.nodes.get(node)?.hasMemory === true) await pages.setHugepages(node, sizeKb, here);
  }
}
