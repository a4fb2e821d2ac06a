import type { Refusal } from "@memhp/abi";
import type { Acpi, MemoryRange } from "@memhp/acpi";
import type { DeviceMemory } from "@memhp/devices";
import type { MachineDevices } from "../devices/machine-devices.ts";
import type { MemoryHotplug } from "./memory-hotplug.ts";

/** Memory of a device that was there at boot, and that the kernel did not take; bytes. */
export interface BootRefusal {
  readonly device: string;
  readonly sizeBytes: number;
  readonly refusal: Refusal;
}

/** Boot-time scan of the ACPI namespace, with the devices that are there, and the memory that the kernel did not take. */
export class BootScan {
  readonly refusals: BootRefusal[] = [];
  #isUnderWay = false;

  /** @param startOffline whatever the policy says, memory of devices that were there stays offline. */
  async run(
    devices: MachineDevices,
    acpi: Acpi,
    memory: Pick<MemoryHotplug, "autoOnline" | "isBooting">,
    startOffline: boolean,
  ): Promise<void> {
    const { autoOnline } = memory;
    if (startOffline) memory.autoOnline = "offline";
    for (const device of devices.all()) device.boot?.();
    this.#isUnderWay = true;
    memory.isBooting = true;
    await acpi.boot();
    memory.isBooting = false;
    this.#isUnderWay = false;
    memory.autoOnline = autoOnline;
  }

  memoryRefused({ start, size }: MemoryRange, refusal: Refusal, plugged: readonly DeviceMemory[]): void {
    // EEXIST is success: the memory is there from boot.
    if (!this.#isUnderWay || refusal.errno === "EEXIST") return;
    const device = plugged.find(({ addr }) => addr === start);
    this.refusals.push({ device: device?.id ?? `0x${start.toString(16)}`, sizeBytes: size, refusal });
  }
}
