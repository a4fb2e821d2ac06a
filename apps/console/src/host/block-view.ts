import { formatSize } from "@memhp/abi";
import { BlockFlag, BlockState } from "@memhp/engine";
import type { Machine } from "@memhp/machine";
import { lookOf, stateNames } from "../map/palette.ts";
import type { Session } from "../session/session.ts";
import { groupRefusals } from "../words/refusal-words.ts";
import type { BlockView } from "./views.ts";

const MEMORY = "/sys/devices/system/memory";
const TRANSITIONS = 12;
const files = ["state", "valid_zones", "removable", "online", "phys_index", "phys_device"];

/** The text of a block's file, without its newline; empty where the file is not there. */
function blockFile(machine: Machine, block: number, name: string): string {
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

/** Path of the state in the block's statechart: what the table says, and for a block on its way its last event. */
export function leafOf({ machine, log }: Session, block: number): string {
  const state = machine.map.blocks.state(block);
  if (state === BlockState.absent) return "gone";
  if (state === BlockState.offline) return "offline";
  if (state === BlockState.online) return "online";
  return (
    log.transitionsOf(block, 1)[0]?.to ??
    (state === BlockState.goingOnline ? "going_online.choosing_zone" : "going_offline.checking")
  );
}

export function blockView(session: Session, block: number): BlockView {
  const { machine, log } = session;
  const isThere = machine.map.blocks.has(block);
  const refusal = log.lastRefusalOf(block)?.refusal;
  return {
    block,
    words: blockWords(machine, block),
    isThere,
    files: isThere ? files.map((name) => [name, blockFile(machine, block, name)] as const) : [],
    leaf: leafOf(session, block),
    holdsKernelPages: isThere && machine.map.blocks.hasFlag(block, BlockFlag.unmovable),
    transitions: log.transitionsOf(block, TRANSITIONS).map(({ atNs, from, to }) => ({ atNs, from, to })),
    dropped: log.dropped,
    refusal: refusal === undefined ? undefined : groupRefusals([refusal])[0],
  };
}
