import { alignUp, memparse, type PfnRange } from "@memhp/abi";
import type { EngineKernel } from "./engine-kernel.ts";

/** Boot options that carve ZONE_MOVABLE out of boot memory. */
export interface MovableOptions {
  /** Pages, or undefined where the option is absent or unreadable. */
  readonly kernelcorePages: number | undefined;
  readonly movablecorePages: number | undefined;
  readonly movableNode: boolean;
}

/** A node and its ranges of RAM, as pfns. */
export interface NodeRam {
  readonly node: number;
  /** RAM of the node, ascending, without holes. */
  readonly ranges: readonly PfnRange[];
  /** Ranges of it that the firmware marks hot-pluggable. */
  readonly hotpluggable: readonly PfnRange[];
}

/**
 * Reads `kernelcore=` and `movablecore=`: memparse, or `nn%` where the kernel has it, stored as pages rounded down (facts §8).
 * @param pageShift a page has 2^pageShift bytes
 */
export function coreOptionPages(
  kernel: EngineKernel,
  text: string | undefined,
  totalPages: number,
  pageShift: number,
): number | undefined {
  if (text === undefined) return undefined;
  const percent = /^(\d+)%$/.exec(text);
  if (percent !== null && kernel.boot.kernelcorePercent) {
    const value = Number(percent[1]);
    return value > 0 && value < 100 ? Math.floor((totalPages * 100 * value) / 10000) : undefined;
  }
  const bytes = memparse(text);
  return bytes === undefined ? undefined : Math.floor(bytes / 2 ** pageShift);
}

/** Lowest pfn that can belong to the zone from which ZONE_MOVABLE is carved, and MAX_ORDER_NR_PAGES. */
export interface SplitGeometry {
  readonly lowestPfn: number;
  readonly maxOrderPages: number;
}

/**
 * find_zone_movable_pfns_for_nodes: first pfn of ZONE_MOVABLE for each node that gets one.
 * The numbered steps are those of facts/kernel.md §8.1; its worked examples are the test.
 */
export function findZoneMovablePfns(
  kernel: EngineKernel,
  nodes: readonly NodeRam[],
  options: MovableOptions,
  geometry: SplitGeometry,
): Map<number, number> {
  const start = new Map<number, number>();
  if (options.movableNode && kernel.config.MOVABLE_NODE) {
    // Step 1: only memory that the firmware marks hot-pluggable; it overrides kernelcore and movablecore.
    for (const node of nodes) {
      const lowest = Math.min(...node.hotpluggable.map((range) => range.startPfn));
      if (Number.isFinite(lowest)) start.set(node.node, lowest);
    }
  } else {
    distribute(kernel, nodes, options, geometry, start);
  }
  const ends = new Map(nodes.map((node) => [node.node, node.ranges.at(-1)?.endPfn ?? 0]));
  for (const [node, pfn] of start) {
    // Step 8.
    const rounded = alignUp(pfn, geometry.maxOrderPages);
    if (kernel.boot.movableStartAtNodeEnd === "dropped" && rounded >= (ends.get(node) ?? 0)) start.delete(node);
    else start.set(node, rounded);
  }
  return start;
}

function distribute(
  kernel: EngineKernel,
  nodes: readonly NodeRam[],
  options: MovableOptions,
  { lowestPfn, maxOrderPages }: SplitGeometry,
  start: Map<number, number>,
): void {
  const populated = nodes.filter((node) => node.ranges.length > 0).sort((a, b) => a.node - b.node);
  const total = populated.reduce((sum, node) => sum + node.ranges.reduce((s, r) => s + r.endPfn - r.startPfn, 0), 0);
  let need = options.kernelcorePages ?? 0;
  if (options.movablecorePages !== undefined && options.movablecorePages > 0) {
    // Step 3: 4.1 lets the subtraction wrap, so that everything stays kernel memory.
    const movable = alignUp(options.movablecorePages, maxOrderPages);
    const core =
      movable <= total ? total - movable : kernel.boot.movablecoreOverflow === "wraps" ? Number.MAX_SAFE_INTEGER : 0;
    need = Math.max(need, core);
  }
  if (need === 0) return;
  if (need >= total && kernel.boot.kernelcoreOverflow === "ignored") return;
  let usable = populated.length;
  for (;;) {
    // Step 5.
    let perNode = Math.floor(need / usable);
    for (const node of populated) {
      if (need < perNode) perNode = Math.floor(need / usable);
      let left = perNode;
      for (const range of node.ranges) {
        let from = Math.max(range.startPfn, start.get(node.node) ?? 0);
        if (from >= range.endPfn) continue;
        if (from < lowestPfn) {
          // Memory below the zone is kernel memory in any case and is charged in full.
          const kernelPages = Math.min(range.endPfn, lowestPfn) - from;
          left -= Math.min(kernelPages, left);
          need -= Math.min(kernelPages, need);
          if (range.endPfn <= lowestPfn) {
            start.set(node.node, range.endPfn);
            continue;
          }
          from = lowestPfn;
        }
        const take = Math.min(range.endPfn - from, left);
        start.set(node.node, from + take);
        need -= Math.min(need, take);
        left -= take;
        if (left === 0) break;
      }
    }
    usable -= 1;
    if (!(usable > 0 && need > usable)) return;
  }
}
