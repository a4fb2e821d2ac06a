import type { HotplugSignals } from "../target.ts";

/** What QEMU and a kernel call things on one architecture, where a machine does not say. */
export interface Architecture {
  /** QEMU's program. */
  readonly program: string;
  /** QEMU's board. */
  readonly board: string;
  /** QEMU's processor; undefined: the board's own. */
  readonly cpu: string | undefined;
  /** The kernel's console, and where the guest finds the agent's line. */
  readonly console: string;
  readonly agentTty: string;
  /** QEMU's words for the agent's line, which the chardev `agent` is. */
  readonly agentLine: readonly string[];
  /** Firmware that the board does not bring: the file that Debian has it in. */
  readonly firmware?: string;
  readonly hotplug: HotplugSignals;
  /** How long the kernel may be silent before it counts as done. */
  readonly quietMs: number;
}

const SERIAL_AGENT = ["-serial", "chardev:agent"];
const ACPI: HotplugSignals = { tellsOst: true, addWaitMs: 10_000 };

/** By the name that a document gives as `machine.arch`. */
const architectures: Readonly<Record<string, Architecture>> = {
  x86_64: {
    program: "qemu-system-x86_64",
    board: "q35",
    cpu: "max",
    console: "ttyS0",
    agentTty: "/dev/ttyS1",
    agentLine: SERIAL_AGENT,
    hotplug: ACPI,
    quietMs: 150,
  },
  arm64: {
    program: "qemu-system-aarch64",
    board: "virt,gic-version=3",
    cpu: "cortex-a72",
    console: "ttyAMA0",
    agentTty: "/dev/ttyS0",
    agentLine: ["-device", "pci-serial,chardev=agent"],
    // ACPI's tables, and with them memory hotplug, come from UEFI.
    firmware: "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd",
    // Kernels without ACPI's memory devices, as Debian's, never tell.
    hotplug: { tellsOst: true, addWaitMs: 6000 },
    quietMs: 300,
  },
  ppc64le: {
    program: "qemu-system-ppc64",
    board: "pseries",
    cpu: undefined,
    console: "hvc0",
    agentTty: "/dev/hvc1",
    agentLine: SERIAL_AGENT,
    // No ACPI: nothing tells that an insertion is done.
    hotplug: { tellsOst: false, addWaitMs: 4000 },
    quietMs: 300,
  },
  s390x: {
    program: "qemu-system-s390x",
    board: "s390-ccw-virtio",
    cpu: "max",
    console: "ttysclp0",
    agentTty: "/dev/hvc0",
    agentLine: ["-device", "virtio-serial-ccw", "-device", "virtconsole,chardev=agent"],
    hotplug: { tellsOst: false, addWaitMs: 4000 },
    quietMs: 300,
  },
};

/** Other names that people and `uname -m` use. */
const otherNames: Readonly<Record<string, string>> = { aarch64: "arm64", ppc64: "ppc64le", ppc64el: "ppc64le" };

export const architectureNames: readonly string[] = Object.keys(architectures);

/** @returns undefined for one that the recorder does not know. */
export function architectureOf(name: string): Architecture | undefined {
  const known = Object.hasOwn(otherNames, name) ? (otherNames[name] as string) : name;
  return Object.hasOwn(architectures, known) ? architectures[known] : undefined;
}
