import { formatNumberList, formatSize } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import { sizeWords } from "../words/size-words.ts";

/** `1G on node 0, 512M on node 1`: where a load's pages are now. */
export function placementWords(machine: Machine, id: string): string {
  const placement = [...machine.pages.loads.placementOf(id)].sort(([a], [b]) => a - b);
  if (placement.length === 0) return "no pages";
  if (placement.length > 8) return manyWords(machine, placement);
  return placement.map(([node, pages]) => `${formatSize(pages * machine.pageSize)} on node ${node}`).join(", ");
}

/** Of pages that are spread wide only the sum can be read. */
function manyWords(machine: Machine, placement: readonly (readonly [node: number, pages: number])[]): string {
  const sum = placement.reduce((all, [, pages]) => all + pages, 0);
  return `${sizeWords(sum * machine.pageSize)} on nodes ${formatNumberList(placement.map(([node]) => node))}`;
}
