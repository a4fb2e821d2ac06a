import { done } from "@memhp/abi";
import type { CpuTopology } from "./cpus.ts";
import { directory } from "./directory.ts";
import { iomem } from "./iomem.ts";
import type { KernelPort } from "./kernel-port.ts";
import { meminfo } from "./meminfo.ts";
import { noWriteFunction } from "./refusals.ts";
import type { Directory, FileNode } from "./tree-node.ts";
import { zoneinfo } from "./zoneinfo.ts";

/** The files of /proc that memory hotplug shows in. Their size is 0. */
export function procDirectory(port: KernelPort, cpus: () => CpuTopology): Directory {
  return directory(
    {
      cmdline: procFile("/proc/cmdline", () => `${port.cmdline}\n`),
      iomem: procFile("/proc/iomem", () => iomem(port.iomem())),
      meminfo: procFile("/proc/meminfo", () => meminfo(port)),
      zoneinfo: procFile("/proc/zoneinfo", () => zoneinfo(port, cpus().cpus)),
    },
    [],
    0o555,
  );
}

/** Unlike sysfs, procfs leaves permissions to root: the open succeeds and the write does not. */
function procFile(path: string, read: () => string): FileNode {
  return { kind: "file", mode: 0o444, size: 0, read: () => done(read()), write: () => noWriteFunction(path) };
}
