import { ParseError, parseNumberList, parseSize } from "@memhp/abi";
import type { Host } from "../host/host.ts";

/** What a plan is to take offline: so many blocks, whichever they are, or certain ones. */
export interface HostGoal {
  /** In words: `64G`, `DIMM PNP0C80:01`, `node 1`, `blocks 32-39`. */
  readonly about: string;
  /** Number of blocks. */
  readonly count: number;
  /** Certain ones; absent where any will do. */
  readonly blocks?: readonly number[];
}

/** Reads `64G`, `node:1`, the name of a DIMM (as its blocks' firmware_node), or a list of blocks after `blocks:`; blocks that are offline already are left out. @throws ParseError */
export function readHostGoal(text: string, host: Host): HostGoal {
  const online = host.blocks.filter(({ state }) => state === "online");
  const node = /^node:(\d{1,5})$/.exec(text);
  if (node !== null) {
    const blocks = online.filter(({ nodes }) => nodes.includes(Number(node[1]))).map(({ block }) => block);
    return certain(`node ${node[1]}`, blocks, `node ${node[1]} has no online block`);
  }
  if (text.startsWith("blocks:"))
    return certain(`blocks ${text.slice(7)}`, listed(text.slice(7), host), `${text}: none of them is online`);
  const dimms = new Set(host.blocks.flatMap(({ dimm }) => dimm ?? []));
  if (dimms.has(text)) {
    const blocks = online.filter(({ dimm }) => dimm === text).map(({ block }) => block);
    return certain(`DIMM ${text}`, blocks, `DIMM ${text} has no online block`);
  }
  const bytes = sizeOf(text);
  if (bytes === undefined) {
    const names = dimms.size === 0 ? "" : `, a DIMM (${[...dimms].slice(0, 8).join(", ")})`;
    throw new ParseError(`"${text}" is no size (64G)${names}, node:N or blocks:LIST`);
  }
  if (bytes % host.blockSize !== 0 || bytes === 0)
    throw new ParseError(`${text} is no multiple of the block size (${host.blockSize} bytes)`);
  return { about: text, count: bytes / host.blockSize };
}

function certain(about: string, blocks: readonly number[], otherwise: string): HostGoal {
  if (blocks.length === 0) throw new ParseError(otherwise);
  return { about, count: blocks.length, blocks };
}

/** Named blocks that are not offline already. */
function listed(text: string, host: Host): number[] {
  const states = new Map(host.blocks.map(({ block, state }) => [block, state]));
  const blocks = parseNumberList(text);
  const missing = blocks.find((block) => !states.has(block));
  if (missing !== undefined) throw new ParseError(`block ${missing} does not exist`);
  return blocks.filter((block) => states.get(block) !== "offline");
}

function sizeOf(text: string): number | undefined {
  try {
    return parseSize(text);
  } catch {
    return undefined;
  }
}
