import { MIB } from "@memhp/abi";
import type { MachineSpec } from "@memhp/machine";

/** Files and sockets that one run of QEMU uses. */
export interface QemuFiles {
  readonly kernel: string;
  readonly initramfs: string;
  readonly qmpSocket: string;
  /** The guest's ttyS1. */
  readonly agentSocket: string;
  /** Where the guest's console goes. */
  readonly consoleLog: string;
}

/**
 * The command line of qemu-system-x86_64 for a machine: the set-up of the recorded traces (observed-6, head).
 * @param extra words that a trace's `machine.extra` gives.
 */
export function qemuArguments(machine: MachineSpec, files: QemuFiles, extra: readonly string[] = []): string[] {
  return [
    ...["-machine", machine.board],
    ...["-accel", "tcg,thread=multi"],
    ...["-cpu", machine.hypervisor ? "max" : "max,-hypervisor"],
    ...["-smp", String(machine.cpus)],
    ...["-m", memoryArgument(machine)],
    ...machine.nodes.flatMap(nodeArguments),
    ...["-kernel", files.kernel],
    ...["-initrd", files.initramfs],
    ...["-append", `console=ttyS0 panic=-1 ${machine.cmdline}`.trim()],
    ...["-qmp", `unix:${files.qmpSocket},server=on,wait=off`],
    ...["-chardev", `file,id=console,path=${files.consoleLog}`],
    ...["-serial", "chardev:console"],
    ...["-chardev", `socket,id=agent,path=${files.agentSocket},server=on,wait=off`],
    ...["-serial", "chardev:agent"],
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
    ...extra,
  ];
}

function memoryArgument({ memoryBytes, slots, maxMemoryBytes }: MachineSpec): string {
  const size = mebibytes(memoryBytes);
  return maxMemoryBytes > memoryBytes ? `${size},slots=${slots},maxmem=${mebibytes(maxMemoryBytes)}` : size;
}

function nodeArguments(node: MachineSpec["nodes"][number]): string[] {
  const cpus = node.cpus.map((cpu) => `,cpus=${cpu}`).join("");
  const numa = `node,nodeid=${node.id}${cpus}`;
  if (node.memoryBytes === 0) return ["-numa", numa];
  const backend = `boot${node.id}`;
  const size = mebibytes(node.memoryBytes);
  return ["-object", `memory-backend-ram,id=${backend},size=${size}`, "-numa", `${numa},memdev=${backend}`];
}

/** QEMU's boot memory comes in whole MiB. */
function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / MIB)}M`;
}
