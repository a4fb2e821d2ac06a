import { done, formatNumberList } from "@memhp/abi";
import { readOnly, writeOnly } from "./attribute.ts";
import { type CpuTopology, formatCpuMask } from "./cpus.ts";
import { directory } from "./directory.ts";
import { hugepagesDirectory } from "./hugepages.ts";
import type { KernelPort, NodeMasks, NodeView } from "./kernel-port.ts";
import { nodeDistances, nodeMeminfo, nodeNumastat, nodeVmstat } from "./node-text.ts";
import { ueventFile } from "./synthetic-uevent.ts";
import { type Directory, type FileNode, link } from "./tree-node.ts";
import { powerDirectory } from "./power-files.ts";

/** /sys/devices/system/node (facts/kernel.md §2.11). */
export function nodesDirectory(port: KernelPort, cpus: () => CpuTopology): Directory {
  const { sysfs, config } = port.kernel;
  return directory(
    {
      has_cpu: sysfs.hasCpuFile === "empty" ? readOnly(() => "\n") : maskFile(port, "hasCpu"),
      has_generic_initiator: sysfs.genericInitiatorFile ? maskFile(port, "hasGenericInitiator") : undefined,
      has_memory: sysfs.hasMemoryFile === "always" || config.MOVABLE_NODE ? maskFile(port, "hasMemory") : undefined,
      has_normal_memory: maskFile(port, "hasNormalMemory"),
      online: maskFile(port, "online"),
      possible: maskFile(port, "possible"),
      power: powerDirectory(port.kernel),
      uevent: ueventFile(port, { devpath: "/devices/system/node", name: "node", subsystem: undefined }),
    },
    [{ prefix: "node", ids: () => port.nodeMasks().online, entry: (id) => nodeDirectory(port, cpus, id) }],
  );
}

/** `%*pbl` and a newline; an empty set is the newline alone (observed-4.1 §1, observed-6 §5). */
function maskFile(port: KernelPort, mask: keyof NodeMasks): FileNode {
  return readOnly(() => `${formatNumberList(port.nodeMasks()[mask])}\n`);
}

/** nodeK, which exists while the node is online, with memory or without (observed-6 §5). */
function nodeDirectory(port: KernelPort, cpus: () => CpuTopology, id: number): Directory | undefined {
  const node = port.node(id);
  if (node === undefined) return undefined;
  const now = (): NodeView => port.node(id) ?? node;
  const { config, sysfs, text } = port.kernel;
  const withHugepages = sysfs.nodeHugepages === "always" || port.nodeMasks().hasMemory.includes(id);
  const ofArchitecture = sysfs.architectureDirectories ? port.nodeDirectories : [];
  const directories = [...text.nodeDirectories, ...ofArchitecture]
    .filter((name) => withHugepages || name !== "hugepages")
    .map((name) => [name, directoryOf(port, id, name, now)]);
  return directory(
    {
      ...Object.fromEntries(directories),
      // Any write compacts the node (6.1: g_readonly); simulated memory has no fragments to bring together.
      compact: config.COMPACTION ? writeOnly(port.kernel, () => done(undefined)) : undefined,
      cpulist: readOnly(() => `${formatNumberList(now().cpus)}\n`),
      cpumap: readOnly(() => `${formatCpuMask(now().cpus, cpus().possible)}\n`),
      distance: readOnly(() => nodeDistances(sysfs.distanceBlank, now(), port.nodeMasks().online)),
      meminfo: readOnly(() => nodeMeminfo(port, now())),
      reclaim: sysfs.nodeReclaimFile ? writeOnly(port.kernel, () => done(undefined)) : undefined,
      numastat: readOnly(() => nodeNumastat(now())),
      subsystem: link("../../../../bus/node"),
      uevent: ueventFile(port, { devpath: `/devices/system/node/node${id}`, name: `node${id}`, subsystem: "node" }),
      vmstat: readOnly(() => nodeVmstat(text, now())),
    },
    [
      {
        prefix: "cpu",
        ids: () => now().cpus,
        entry: (cpu) => (cpus().nodeOf(cpu) === id ? link(`../../cpu/cpu${cpu}`) : undefined),
      },
      {
        prefix: "memory",
        ids: () => (config.MEMORY_HOTPLUG ? now().blocks : []),
        entry: (block) => blockLink(port, id, block),
      },
    ],
  );
}

function directoryOf(port: KernelPort, id: number, name: string, now: () => NodeView): Directory | undefined {
  if (name === "hugepages") return hugepagesDirectory(port, id, now);
  return name === "power" ? powerDirectory(port.kernel) : directory({});
}

/** The links go both ways (facts/kernel.md §2.11). */
function blockLink(port: KernelPort, node: number, block: number): ReturnType<typeof link> | undefined {
  const isThere = port.kernel.config.MEMORY_HOTPLUG && port.block(block)?.nodes.includes(node) === true;
  return isThere ? link(`../../memory/memory${block}`) : undefined;
}
