import { slitDistance, trustedSlit } from "@memhp/acpi";
import type { MachineSpec } from "../spec/spec.ts";
import type { Board } from "./board.ts";

const LOCAL_DISTANCE = 10;

/**
 * Distance between nodes as the kernel believes it: firmware's; between nodes that the kernel made of one, 10 (mm/numa_emulation.c
 * numa_emulation).
 */
export function nodeDistance(
  { physicalNodes }: Pick<Board, "physicalNodes">,
  { distances }: Pick<MachineSpec, "distances">,
): (from: number, to: number) => number {
  const slit = trustedSlit(distances);
  if (physicalNodes === undefined) return (from, to) => slitDistance(slit, from, to);
  const physical = (node: number): number => physicalNodes[node] ?? node;
  return (from, to) =>
    physical(from) === physical(to) ? LOCAL_DISTANCE : slitDistance(slit, physical(from), physical(to));
}
