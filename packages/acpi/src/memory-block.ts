import type { PhysicalDevice } from "./physical-node.ts";
import type { MemoryCore } from "./ports.ts";

/** A memory block as the physical device of an ACPI device. */
export function memoryBlock(memory: MemoryCore, block: number): PhysicalDevice {
  return {
    logName: `memory memory${block}`,
    devpath: blockDevpath(block),
    subsystem: "memory",
    isOffline: () => memory.isBlockOffline(block),
    offline: () => memory.offlineBlock(block),
    online: () => memory.onlineBlock(block),
  };
}

export function blockDevpath(block: number): string {
  return `/devices/system/memory/memory${block}`;
}
