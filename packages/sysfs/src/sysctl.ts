import { done, sysctlNumber } from "@memhp/abi";
import { directory } from "./directory.ts";
import { defaultHugepageKb } from "./hugepages.ts";
import type { DropCaches, KernelPort } from "./kernel-port.ts";
import { badWord } from "./refusals.ts";
import type { Directory, FileNode } from "./tree-node.ts";
import { nothingWritten } from "./written.ts";

/** /proc/sys/vm, as far as it concerns the page map. Unlike the rest of procfs, root is bound by the modes here. */
export function sysctlDirectory(port: KernelPort): Directory {
  const nr_hugepages = port.kernel.config.HUGETLBFS ? nrHugepagesFile(port) : undefined;
  const vm = directory({ drop_caches: dropCachesFile(port), nr_hugepages }, [], 0o555);
  return directory({ vm }, [], 0o555);
}

function dropCachesFile(port: KernelPort): FileNode {
  const written = port.written ?? nothingWritten();
  const file: FileNode = {
    kind: "file",
    mode: 0o200,
    size: 0,
    async write(data) {
      if (data === "") return done(0);
      const number = sysctlNumber(data);
      // The range is 1 to 4; 4 drops nothing and keeps the kernel's log quiet about it.
      if (number === undefined || number.value < 1n || number.value > 4n) {
        return badWord(data, "fs/drop_caches.c", "write 1 for the page cache, 2 for slab, 3 for both");
      }
      const what = Number(number.value);
      written.dropCaches = what;
      const dropped = what === 4 ? done(undefined) : await port.dropCaches(what as DropCaches);
      return dropped.ok ? done(number.taken) : dropped;
    },
  };
  return port.kernel.sysfs.dropCachesRead === "last-write"
    ? { ...file, mode: 0o644, read: () => done(`${written.dropCaches}\n`) }
    : file;
}

/** Of the default size, on all nodes (4.1: offline-hugetlb; mm/hugetlb.c hugetlb_sysctl_handler). */
function nrHugepagesFile(port: KernelPort): FileNode {
  return {
    kind: "file",
    mode: 0o644,
    size: 0,
    read: () => done(`${port.maxHugepages(defaultHugepageKb(port))}\n`),
    async write(data) {
      if (data === "") return done(0);
      const number = sysctlNumber(data);
      if (number === undefined || (number.value < 0n && port.kernel.sysfs.negativeUlong === "EINVAL")) {
        return badWord(data, "kernel/sysctl.c proc_doulongvec_minmax", "write a number of hugepages: 100");
      }
      if (number.value < 0n) return done(number.taken);
      const set = await port.setHugepages(undefined, defaultHugepageKb(port), Number(number.value));
      return set.ok ? done(number.taken) : set;
    },
  };
}
