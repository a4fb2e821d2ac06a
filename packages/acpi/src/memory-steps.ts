import type { MemoryBusDevice, MemoryDriverData } from "./bus-device.ts";
import { type MemoryRange, memoryOfCrs } from "./crs.ts";
import { canAttach } from "./drivers.ts";
import { blockDevpath, MemoryBlockDevice } from "./memory-block.ts";
import type { MemoryDeviceStep } from "./memory-device-machine.ts";
import { proximityOf } from "./namespace-node.ts";
import { offlineNodes, onlineNodes } from "./offline-nodes.ts";
import { KernelBug } from "./ports.ts";
import { isUsableMemory } from "./status.ts";
import { type StepAnswer, stepDeclined, stepDone, stepFailed } from "./step.ts";
import { type AcpiSystem, logDevice, noteRefusal } from "./system.ts";

const NO_GROUP = -1;

/** Carries out the steps of one memory device (facts/kernel.md §6.1; `[41], [619] drivers/acpi/acpi_memhotplug.c`). */
export function memorySteps(
  system: AcpiSystem,
  device: () => MemoryBusDevice,
): (step: MemoryDeviceStep) => Promise<StepAnswer> {
  const { memory } = system.ports;

  async function readResources(): Promise<StepAnswer> {
    const { node } = device();
    const { _CRS: crs, _STA: sta } = node.methods;
    if (!canAttach("memory", system.ports.kernel.config, system.options)) {
      if (crs !== undefined && crs !== "fails" && isUsableMemory(sta)) memory.leftAlone?.(memoryOfCrs(crs));
      return stepDeclined;
    }
    if (crs === undefined || crs === "fails") return stepFailed("EINVAL");
    if (!isUsableMemory(sta)) return stepDeclined;
    device().driver = { ranges: memoryOfCrs(crs), enabled: [], group: NO_GROUP };
    return stepDone;
  }

  async function addMemory(): Promise<StepAnswer> {
    const { node } = device();
    const taken = device().driver as MemoryDriverData;
    const answer = await enable(taken);
    if (answer.type === "DONE") return answer;
    logDevice(system, node, "acpi_memory_enable_device() error");
    if (taken.group !== NO_GROUP) memory.unregisterGroup(taken.group);
    // Ranges that were added stay, with nobody to remove them.
    device().driver = undefined;
    return answer;
  }

  async function enable(taken: MemoryDriverData): Promise<StepAnswer> {
    const { node } = device();
    const ranges = taken.ranges.filter(({ size }) => size > 0);
    const [first] = ranges;
    if (first === undefined) {
      logDevice(system, node, system.rules.memoryGroups ? "device is empty" : "add_memory failed");
      return stepFailed("EINVAL");
    }
    const nid = nodeOf(first);
    const bytes = ranges.reduce((sum, { size }) => sum + size, 0);
    if (system.rules.memoryGroups) taken.group = memory.registerGroup(nid, bytes);
    const options = { node: nid, group: taken.group, memmapOnMemory: system.rules.memoryGroups };
    for (const range of ranges) {
      const added = await memory.addMemory(range, options);
      if (!added.ok) noteRefusal(system, added);
      // EEXIST is success: the memory is there from boot or from probe.
      if (!added.ok && added.refusal.errno !== "EEXIST") continue;
      if (!(await bind(range))) {
        await unbind(range);
        return stepFailed("ENODEV", [...system.refusals]);
      }
      taken.enabled.push(range);
    }
    if (taken.enabled.length > 0) return stepDone;
    logDevice(system, node, "add_memory failed");
    return stepFailed("EINVAL", [...system.refusals]);
  }

  /** _PXM decides; without it, or where the kernel does not know it, the address of the first range. */
  function nodeOf(first: MemoryRange): number {
    const pxm = proximityOf(device().node);
    return (pxm === undefined ? undefined : memory.nodeOfProximity(pxm)) ?? memory.nodeOfAddress(first.start);
  }

  /** False where a block describes another device already, or the kernel would not bind it. */
  async function bind(range: MemoryRange): Promise<boolean> {
    const blocks = memory.blocksOf(range);
    if (blocks.some((block) => system.companions.has(block))) return false;
    const bound = await memory.bindBlocks(blocks, device().node.devpath);
    if (!bound.ok) {
      noteRefusal(system, bound);
      return false;
    }
    for (const block of blocks) {
      system.companions.set(block, device());
      device().physicalNodes.bind(new MemoryBlockDevice(memory, block));
    }
    return true;
  }

  /** Unbinds whatever the blocks are bound to, be it another device: so does the kernel. */
  function unbind(range: MemoryRange): Promise<void> {
    return unbindBlocks(system, memory.blocksOf(range));
  }

  async function removeMemory(): Promise<StepAnswer> {
    const taken = device().driver;
    device().driver = undefined;
    for (const range of taken?.enabled ?? []) {
      await unbind(range);
      const removed = await memory.removeMemory(range, nodeOf(range));
      if (removed.ok) continue;
      const end = range.start + range.size - 1;
      throw new KernelBug(
        `kernel BUG: ${device().node.path} is gone, but its memory [0x${range.start.toString(16)}-0x${end.toString(16)}] is online`,
      );
    }
    if (taken !== undefined && taken.group !== NO_GROUP) memory.unregisterGroup(taken.group);
    return stepDone;
  }

  const steps: Readonly<Record<MemoryDeviceStep, () => Promise<StepAnswer>>> = {
    read_resources: readResources,
    add_memory: addMemory,
    offline_first_pass: () => offlineNodes(system, device().physicalNodes, "first"),
    offline_second_pass: () => offlineNodes(system, device().physicalNodes, "second"),
    online_again: () => onlineNodes(device().physicalNodes),
    remove_memory: removeMemory,
  };
  return (step) => steps[step]();
}

export async function unbindBlocks(system: AcpiSystem, blocks: readonly number[]): Promise<void> {
  const bound = blocks.filter((block) => system.companions.has(block));
  for (const block of bound) {
    system.companions.get(block)?.physicalNodes.unbind(blockDevpath(block));
    system.companions.delete(block);
  }
  if (bound.length > 0) await system.ports.memory.unbindBlocks(bound);
}
