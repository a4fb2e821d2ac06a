import { slitDistance, trustedSlit } from "@memhp/acpi";
import type { MachineSpec } from "../spec/spec.ts";
import type { Board } from "./board.ts";

const LOCAL_DISTANCE = 10;

/**
 * Distance between nodes as the kernel believes it: firmware's, which are those of proximity domains (acpi_numa_slit_init); between nodes
 * that the kernel made of one, 10 (mm/numa_emulation.c numa_emulation).
 */
export function nodeDistance(
  { physicalNodes, proximity }: Pick<Board, "physicalNodes" | "proximity">,
  { distances }: Pick<MachineSpec, "distances">,
): (from: number, to: number) => number {
  const slit = trustedSlit(distances);
  const rows = slitRows(proximity, slit?.length ?? 0);
  const apart = (from: number, to: number): number => slitDistance(slit, rows.get(from) ?? from, rows.get(to) ?? to);
  if (physicalNodes === undefined) return apart;
  const physical = (node: number): number => physicalNodes[node] ?? node;
  return (from, to) => (physical(from) === physical(to) ? LOCAL_DISTANCE : apart(physical(from), physical(to)));
}

/** Row of each node: that of its proximity domain. Where the domains have gaps, and the table none, the rows are theirs in order. */
function slitRows(proximity: Board["proximity"], size: number): ReadonlyMap<number, number> {
  const domains = [...proximity.keys()].sort((a, b) => a - b);
  const hasEach = (domains.at(-1) ?? 0) < size;
  return new Map([...proximity].map(([domain, node]) => [node, hasEach ? domain : domains.indexOf(domain)]));
}
