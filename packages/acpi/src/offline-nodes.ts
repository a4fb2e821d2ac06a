import type { Refusal } from "@memhp/abi";
import type { PhysicalNodes } from "./physical-node.ts";
import { type StepAnswer, stepDone, stepFailed } from "./step.ts";
import { type AcpiSystem, noteRefusal } from "./system.ts";

/**
 * Takes the physical devices of one ACPI device offline, ascending. The first pass goes on after failures; the second
 * leaves alone what the first took, and stops at its first failure (facts/kernel.md §6.3). With force_remove nothing
 * counts as a failure, and nothing is put online again (`[41] drivers/acpi/scan.c` acpi_bus_offline).
 */
export async function offlineNodes(
  system: AcpiSystem,
  nodes: PhysicalNodes,
  pass: "first" | "second",
): Promise<StepAnswer> {
  const refusals: Refusal[] = [];
  for (const node of nodes) {
    if (pass === "first") node.putOnline = false;
    else if (node.putOnline) continue;
    const result = await node.device.offline();
    if (system.forceRemove) continue;
    if (result.ok) {
      node.putOnline = result.value;
      continue;
    }
    refusals.push(result.refusal);
    noteRefusal(system, result);
    if (pass === "second") {
      system.ports.log(`${node.device.logName}: Offline failed.`);
      break;
    }
  }
  return refusals.length === 0 ? stepDone : stepFailed("EBUSY", refusals);
}

/** Puts online again what this eject took offline, ascending. That this may fail is nobody's concern in the kernel. */
export async function onlineNodes(nodes: PhysicalNodes): Promise<StepAnswer> {
  for (const node of nodes) {
    if (!node.putOnline) continue;
    await node.device.online();
    node.putOnline = false;
  }
  return stepDone;
}
