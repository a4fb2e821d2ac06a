import type { Board } from "./board.ts";

/** Node on which the program runs that offlines: the first with a processor, and memory. */
export function taskNodeOf({ layout }: Pick<Board, "layout">): number {
  return layout.nodes.find((node) => node.cpus.length > 0 && node.ranges.length > 0)?.node ?? 0;
}
