import { count, fail } from "./spec-fields.ts";

/** Nodes that a machine can have; CONFIG_NODES_SHIFT of x86. */
export const MAX_NODES = 1024;

/** The proximity domain of a device, on a machine of so many nodes; 0 of them without NUMA. @throws SpecError */
export function nodeNumber(raw: unknown, where: string, nodes: number): number {
  const node = count(raw, where, 0, MAX_NODES - 1);
  if (nodes === 0 && node > 0) fail(where, "a machine without nodes has no proximity domains (allowed: 0)");
  return node;
}

/** Each once, ascending, as an SRAT lists them. */
export function ascending(domains: readonly number[]): number[] {
  return [...new Set(domains)].sort((a, b) => a - b);
}

/** How many nodes a machine has with those that only its devices bring. @param named ascending */
export function nodesWith(nodes: number, named: readonly number[]): number {
  return Math.max(nodes, (named.at(-1) ?? -1) + 1);
}

/**
 * Linux numbers proximity domains without a gap, so a description that leaves one would name other nodes than come.
 * @param named ascending. @throws SpecError
 */
export function checkNextNodes(where: string, named: readonly number[], nodes: number): void {
  const added = named.filter((node) => node >= nodes && node > 0);
  for (const [i, node] of added.entries())
    if (node !== nodes + i)
      fail(where, `node ${node} leaves a gap: the next node after 0..${nodes + i - 1} is ${nodes + i}`);
}
