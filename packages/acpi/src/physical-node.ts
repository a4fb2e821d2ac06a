import type { Result } from "@memhp/abi";

/** A Linux device that an ACPI device describes: a memory block, or a container's device. */
export interface PhysicalDevice {
  /** As the kernel's log names it: `memory memory32`. */
  readonly logName: string;
  /** Below /sys: `/devices/system/memory/memory32`. */
  readonly devpath: string;
  readonly subsystem: string;
  isOffline(): boolean;
  /** device_offline: `false` where it was offline already. */
  offline(): Promise<Result<boolean>>;
  online(): Promise<Result<boolean>>;
}

/** The bond between an ACPI device and a physical one, seen as the link `physical_node`, `physical_node1`, … */
export interface PhysicalNode {
  readonly id: number;
  readonly device: PhysicalDevice;
  /** Taken offline by the eject that is under way, so a roll-back puts it online again. */
  putOnline: boolean;
}

/** The physical devices of one ACPI device, ascending by node id; a new one takes the lowest free id. */
export class PhysicalNodes implements Iterable<PhysicalNode> {
  readonly #nodes: PhysicalNode[] = [];

  bind(device: PhysicalDevice): void {
    // Without a gap, the last id says so: a device of many blocks is bound in one go.
    const hasGap = (this.#nodes.at(-1)?.id ?? -1) >= this.#nodes.length;
    if (!hasGap) {
      this.#nodes.push({ id: this.#nodes.length, device, putOnline: false });
      return;
    }
    const id = this.#nodes.findIndex((node, index) => node.id !== index);
    this.#nodes.splice(id, 0, { id, device, putOnline: false });
  }

  /** Binds a device as it was bound before: ids ascend. */
  restore(id: number, device: PhysicalDevice, putOnline: boolean): void {
    this.#nodes.push({ id, device, putOnline });
  }

  unbind(devpath: string): void {
    const index = this.#nodes.findIndex((node) => node.device.devpath === devpath);
    if (index !== -1) this.#nodes.splice(index, 1);
  }

  /** Over the nodes of this moment: a walk does not mind what is bound or unbound meanwhile. */
  [Symbol.iterator](): Iterator<PhysicalNode> {
    return [...this.#nodes][Symbol.iterator]();
  }

  /** The first that is not offline, if any (`[41] drivers/acpi/scan.c` acpi_scan_is_offline). */
  firstOnline(): PhysicalNode | undefined {
    return this.#nodes.find((node) => !node.device.isOffline());
  }
}
