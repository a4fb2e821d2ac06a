import { done, kstrtoull } from "@memhp/abi";
import { readOnly, readWrite, writeOnly } from "./attribute.ts";
import { blockDirectory } from "./block-files.ts";
import { directory } from "./directory.ts";
import type { KernelPort } from "./kernel-port.ts";
import { badWord, unalignedAddress } from "./refusals.ts";
import { streq } from "./state-word.ts";
import { ueventFile } from "./synthetic-uevent.ts";
import type { Directory, FileNode } from "./tree-node.ts";
import { powerDirectory } from "./power-files.ts";

/** /sys/devices/system/memory (facts/kernel.md §2.1). */
export function memoryDirectory(port: KernelPort): Directory {
  const { config, sysfs } = port.kernel;
  return directory(
    {
      auto_online_blocks: sysfs.autoOnlineWords.length === 0 ? undefined : autoOnlineFile(port),
      block_size_bytes: readOnly(() => `${port.blockSizeBytes.toString(16)}\n`),
      // Whether user space may leave kdump alone; 0 on the recorded machines (6.12: a_boot_*).
      crash_hotplug: config.CRASH_HOTPLUG ? readOnly(() => "0\n") : undefined,
      hard_offline_page: config.MEMORY_FAILURE ? offlinePageFile(port, "hard") : undefined,
      power: powerDirectory(port.kernel),
      probe: config.ARCH_MEMORY_PROBE ? probeFile(port) : undefined,
      soft_offline_page: config.MEMORY_FAILURE ? offlinePageFile(port, "soft") : undefined,
      uevent: ueventFile(port, { devpath: "/devices/system/memory", name: "memory", subsystem: undefined }),
    },
    [{ prefix: "memory", ids: () => port.blockIds(), entry: (id) => blockDirectory(port, id) }],
  );
}

/** The four words, or two of them; a wrong one leaves the value (observed-6 §2). */
function autoOnlineFile(port: KernelPort): FileNode {
  const { autoOnlineWords: words } = port.kernel.sysfs;
  return readWrite(
    port.kernel,
    () => `${port.autoOnline()}\n`,
    ({ text }) => {
      const word = words.find((each) => streq(text, each));
      if (word === undefined)
        return badWord(text, "facts §2.6", `write ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);
      port.setAutoOnline(word);
      return done(undefined);
    },
  );
}

/** Steps 1 and 2 of facts/kernel.md §2.4; the port adds the memory. */
function probeFile(port: KernelPort): FileNode {
  return writeOnly(port.kernel, ({ text }, caller) => {
    const address = kstrtoull(text);
    if (typeof address === "string") {
      return badWord(text, "facts §2.4 step 1", "write a physical address: 0x100000000", address);
    }
    if (address % BigInt(port.blockSizeBytes) !== 0n) return unalignedAddress(text, port.blockSizeBytes);
    // Exact: a multiple of a block size has few digits, however large it is.
    return port.probe(Number(address), caller);
  });
}

/** A physical address, not a pfn; even one that is too long is EINVAL (facts/kernel.md §2.5). */
function offlinePageFile(port: KernelPort, kind: "soft" | "hard"): FileNode {
  return writeOnly(port.kernel, ({ text }) => {
    const address = kstrtoull(text);
    if (typeof address === "string") return badWord(text, "facts §2.5", "write a physical address: 0x100000000");
    return port.offlinePage(kind, Number(address));
  });
}
