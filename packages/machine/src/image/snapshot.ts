import type { Machine } from "../machine.ts";
import type { MachineImage } from "./machine-image.ts";

/**
 * Writes a machine down, at rest: `start` goes on from there, and so does the machine itself.
 * @throws NotQuietError while anything is under way or waits, KernelBug where the kernel is dead.
 */
export function snapshot(machine: Machine): Promise<MachineImage> {
  return machine.snapshot();
}
