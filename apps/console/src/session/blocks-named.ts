import { containersOf, dimmsOf } from "@memhp/devices";
import type { Machine } from "@memhp/machine";
import { selectBlocks } from "@memhp/scenario";

/** Blocks that a text names, `32-39` or `offline & node:1`. @throws ParseError */
export function blocksNamed(machine: Machine, text: string): number[] {
  return selectBlocks(text, {
    map: machine.map,
    dimms: new Map(
      dimmsOf(machine)
        .list()
        .map((dimm) => [dimm.id, dimm]),
    ),
    containers: containersOf(machine),
    blockSizeBytes: machine.board.blockSizeBytes,
  });
}
