import { formatSize } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import type { ReactNode } from "react";
import { lookOf, stateNames } from "../map/palette.ts";
import type { Session } from "../session/session.ts";

const MEMORY = "/sys/devices/system/memory";

/** The text of a block's file, without its newline; empty where the file is not there. */
export function blockFile(machine: Machine, block: number, name: string): string {
  const read = machine.files.read(`${MEMORY}/memory${block}/${name}`);
  return read.ok ? read.value.trimEnd() : "";
}

/** A block in one line: number, node, addresses, state, zone, what its files say. */
export function blockWords(machine: Machine, block: number): string {
  const { blocks } = machine.map;
  if (!blocks.has(block)) return `memory${block} is gone`;
  const size = machine.board.blockSizeBytes;
  const parts = [
    `memory${block}`,
    `node ${blocks.node(block)}`,
    `0x${(block * size).toString(16)}–0x${((block + 1) * size - 1).toString(16)} (${formatSize(size)})`,
    stateNames[blocks.state(block)] ?? "",
    lookOf(blocks.zone(block)).name,
    `valid_zones ${blockFile(machine, block, "valid_zones") || "none"}`,
  ];
  return parts.join(" · ");
}

interface BlockLineProps {
  readonly session: Session;
  /** Makes the line new when the machine has changed. */
  readonly version: number;
  readonly block: number | undefined;
}

/** Details of the block under the pointer or the keyboard. */
export function BlockLine({ session, version, block }: BlockLineProps): ReactNode {
  return (
    <p className="block-line" role="status" aria-label="Block under the pointer" data-version={version}>
      {block === undefined ? "Point at a block, or move with the arrow keys." : blockWords(session.machine, block)}
    </p>
  );
}
