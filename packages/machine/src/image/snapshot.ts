import { internalsOf, type Machine } from "../machine.ts";
import type { MachineImage } from "./machine-image.ts";
import { writeDown } from "./write-down.ts";

/**
 * Writes a machine down, at rest: `start` goes on from there, and so does the machine itself.
 * @throws NotQuietError while anything is under way or waits, KernelBug where the kernel is dead.
 */
export async function snapshot(machine: Machine): Promise<MachineImage> {
  const { shards, parts, start } = internalsOf(machine);
  const { spec, board, parameters, acpi } = machine;
  return writeDown({ spec, board, parameters, acpi, shards }, parts, () => start("snapshot", () => shards.snapshot()));
}
