import type { Task } from "@memhp/abi";
import type { Acpi } from "@memhp/acpi";
import type { MemoryImage, ShardSet } from "@memhp/shards";
import type { Board } from "../board/board.ts";
import type { MachineParts } from "../assembly.ts";
import { boardImage } from "./board-image.ts";
import { IMAGE_FORMAT, type MachineImage } from "./machine-image.ts";
import { snapshotMonitor } from "./monitor-image.ts";
import { assertQuiet } from "./quiet.ts";

/** What of the machine itself goes into its image. */
interface Shown {
  readonly spec: MachineImage["spec"];
  readonly board: Board;
  readonly parameters: MachineImage["parameters"];
  readonly shards: Pick<ShardSet, "injection">;
  readonly acpi: Acpi;
}

/** Everything of a machine at rest as plain data. @throws NotQuietError, KernelBug where the kernel is dead. */
export async function writeDown(
  machine: Shown,
  parts: MachineParts,
  writeMemory: () => Task<MemoryImage>,
): Promise<MachineImage> {
  assertQuiet({ lock: parts.lock, acpi: machine.acpi, scheduler: parts.scheduler });
  const { kernel, config, seed } = parts.image;
  const memory = await writeMemory();
  return {
    format: IMAGE_FORMAT,
    kernel,
    ...(config === undefined ? {} : { config }),
    stage: "running",
    spec: machine.spec,
    board: boardImage(machine.board),
    seed,
    memory,
    physical: parts.physical.snapshot(),
    memmapHomes: parts.memory.memmapHomes,
    freshZones: parts.freshZones.snapshot(),
    parameters: { ...machine.parameters },
    autoOnline: parts.memory.autoOnline,
    injection: machine.shards.injection ?? null,
    notifiers: [...parts.notifiers],
    acpi: machine.acpi.snapshot(),
    groups: parts.bus.groups,
    devices: parts.devices.snapshot(),
    monitor: snapshotMonitor(parts.monitor),
    loads: parts.pages.loads.snapshot(),
    ...faultsImage(parts),
    written: { ...parts.written, autoprobe: { ...parts.written.autoprobe } },
  };
}

/** Nothing while nobody ever made a file fail. */
function faultsImage({ faults, faultDraws }: MachineParts): Pick<MachineImage, "faults"> {
  const files = faults.snapshot();
  return files === undefined ? {} : { faults: { draws: faultDraws.state, files } };
}
