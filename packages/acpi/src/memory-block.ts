import type { Result } from "@memhp/abi";
import type { PhysicalDevice } from "./physical-node.ts";
import type { HotplugPort } from "./ports.ts";

/** A memory block as the physical device of an ACPI device. A class: a large machine has half a million of them. */
export class MemoryBlockDevice implements PhysicalDevice {
  readonly #memory: HotplugPort;
  readonly #block: number;

  constructor(memory: HotplugPort, block: number) {
    this.#memory = memory;
    this.#block = block;
  }

  get logName(): string {
    return `memory memory${this.#block}`;
  }

  get devpath(): string {
    return blockDevpath(this.#block);
  }

  get subsystem(): string {
    return "memory";
  }

  isOffline(): boolean {
    return this.#memory.isBlockOffline(this.#block);
  }

  offline(): Promise<Result<boolean>> {
    return this.#memory.offlineBlock(this.#block);
  }

  online(): Promise<Result<boolean>> {
    return this.#memory.onlineBlock(this.#block);
  }
}

export function blockDevpath(block: number): string {
  return `/devices/system/memory/memory${block}`;
}
