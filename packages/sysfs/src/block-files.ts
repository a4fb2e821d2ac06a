import { done, type Result } from "@memhp/abi";
import { readOnly, readWrite, type StoreAnswer } from "./attribute.ts";
import { parseBool } from "./bool.ts";
import { directory } from "./directory.ts";
import type { BlockView, Change, KernelPort } from "./kernel-port.ts";
import { alreadyInState, badWord } from "./refusals.ts";
import { parseStateWord } from "./state-word.ts";
import { ueventFile } from "./synthetic-uevent.ts";
import { type Directory, type FileNode, link } from "./tree-node.ts";
import { powerDirectory } from "./power-files.ts";

/** /sys/devices/system/memory/memoryN, or undefined where the block does not exist (facts/kernel.md §2.2). */
export function blockDirectory(port: KernelPort, id: number): Directory | undefined {
  const block = port.block(id);
  if (block === undefined) return undefined;
  const { config } = port.kernel;
  /** The block as it is when the file is read; a handle outlives its block by one look. */
  const now = (): BlockView => port.block(id) ?? block;
  return directory(
    {
      firmware_node: block.firmwareNode === undefined ? undefined : link(block.firmwareNode),
      online: onlineFile(port, id, now),
      phys_device: readOnly(() => `${now().physDevice}\n`),
      phys_index: readOnly(() => `${id.toString(16).padStart(8, "0")}\n`),
      power: powerDirectory(port.kernel),
      // Without hot-remove nothing is removable (facts §2.2).
      removable: readOnly(() => (config.MEMORY_HOTREMOVE && now().removable ? "1\n" : "0\n")),
      state: stateFile(port, id, now),
      subsystem: link("../../../../bus/memory"),
      uevent: ueventFile(port, {
        devpath: `/devices/system/memory/memory${id}`,
        name: `memory${id}`,
        subsystem: "memory",
      }),
      valid_zones: config.MEMORY_HOTREMOVE ? readOnly(() => `${now().validZones}\n`) : undefined,
    },
    config.NUMA ? [{ prefix: "node", ids: () => now().nodes, entry: (node) => nodeLink(now(), node) }] : [],
  );
}

function nodeLink(block: BlockView, node: number): ReturnType<typeof link> | undefined {
  return block.nodes.includes(node) ? link(`../../node/node${node}`) : undefined;
}

/** `state`: four words, and what the block has already is not wanted (facts/kernel.md §2.8). */
function stateFile(port: KernelPort, id: number, now: () => BlockView): FileNode {
  return readWrite(
    port.kernel,
    () => `${now().state}\n`,
    async ({ text }, caller) => {
      const word = parseStateWord(text);
      if (word === undefined) {
        return badWord(text, "facts §2.8: state", "write online, online_kernel, online_movable or offline");
      }
      // Also for a block that is online: the type is remembered before anything is compared (facts §2.8).
      const result = await (word === "offline" ? port.offline(id, caller) : port.online(id, word, caller));
      return result.ok ? stateAnswer(port, id, result.value, word === "offline" ? "offline" : "online") : result;
    },
  );
}

function stateAnswer(port: KernelPort, id: number, change: Change, state: string): StoreAnswer {
  if (change === "changed") return done(undefined);
  // 4.1: device_online() returns 1, and store_mem_state hands that out as a count (observed-4.1 §5).
  return port.kernel.sysfs.redundantStateWrite === "returns-1" ? done(1) : alreadyInState(id, state);
}

/** `online` of the driver core: a bool, and what the block has already is fine (facts/kernel.md §2.9). */
function onlineFile(port: KernelPort, id: number, now: () => BlockView): FileNode {
  return readWrite(
    port.kernel,
    () => (now().deviceOnline ? "1\n" : "0\n"),
    async ({ text }, caller) => {
      const value = parseBool(port.kernel, text);
      if (value === undefined) return badWord(text, "facts §2.9: online", "write 1 or 0");
      const result: Result<Change> = await (value ? port.onlineRemembered(id, caller) : port.offline(id, caller));
      return result.ok ? done(undefined) : result;
    },
  );
}
