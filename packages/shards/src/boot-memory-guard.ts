import { notifierFromErrno } from "@memhp/abi";
import { BlockFlag, type MemoryMap } from "@memhp/engine";
import type { MemoryNotifierCallback } from "@memhp/notifier";

/** The callback of an architecture whose boot memory stays online: EPERM, after who has a higher priority (a_boot_offline). */
export function bootMemoryGuard(map: MemoryMap, log: (text: string) => void): MemoryNotifierCallback {
  return {
    name: "prevent_bootmem_remove_notifier",
    priority: 0,
    call(action, { startPfn, nrPages }) {
      if (action !== "MEM_GOING_OFFLINE") return notifierFromErrno(0);
      if (!map.blocks.hasFlag(Math.floor(startPfn / map.blockPages), BlockFlag.early)) return notifierFromErrno(0);
      const pageSize = 2 ** map.arch.pageShift;
      const [start, end] = [startPfn, startPfn + nrPages].map((pfn) => (pfn * pageSize).toString(16));
      log(`Boot memory [${start} ${end}] offlining attempted`);
      return notifierFromErrno("EPERM");
    },
  };
}
