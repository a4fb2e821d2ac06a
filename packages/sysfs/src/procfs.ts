import { done } from "@memhp/abi";
import { buddyinfo, pagetypeinfo } from "./buddyinfo.ts";
import type { CpuTopology } from "./cpus.ts";
import { directory } from "./directory.ts";
import { iomem } from "./iomem.ts";
import type { KernelPort } from "./kernel-port.ts";
import { kpagecountFile, kpageflagsFile } from "./kpage-files.ts";
import { meminfo } from "./meminfo.ts";
import { noWriteFunction } from "./refusals.ts";
import { sysctlDirectory } from "./sysctl.ts";
import type { Directory, FileNode } from "./tree-node.ts";
import { vmstat } from "./vmstat.ts";
import { zoneinfo } from "./zoneinfo.ts";

/** The files of /proc that memory hotplug shows in. Their size is 0. */
export function procDirectory(port: KernelPort, cpus: () => CpuTopology): Directory {
  return directory(
    {
      buddyinfo: procFile("/proc/buddyinfo", () => buddyinfo(port)),
      cmdline: procFile("/proc/cmdline", () => `${port.cmdline}\n`),
      iomem: procFile("/proc/iomem", () => iomem(port.iomem())),
      kpagecount: kpagecountFile(port),
      kpageflags: kpageflagsFile(port),
      meminfo: procFile("/proc/meminfo", () => meminfo(port)),
      pagetypeinfo: procFile("/proc/pagetypeinfo", () => pagetypeinfo(port), port.kernel.sysfs.pagetypeinfo.mode),
      sys: sysctlDirectory(port),
      vmstat: procFile("/proc/vmstat", () => vmstat(port)),
      zoneinfo: procFile("/proc/zoneinfo", () => zoneinfo(port, cpus().cpus)),
    },
    [],
    0o555,
  );
}

/** Unlike sysfs, procfs leaves permissions to root: the open succeeds and the write does not. */
function procFile(path: string, read: () => string, mode = 0o444): FileNode {
  return { kind: "file", mode, size: 0, read: () => done(read()), write: () => noWriteFunction(path) };
}
