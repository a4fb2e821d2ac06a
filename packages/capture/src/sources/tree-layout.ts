import { ParseError } from "@memhp/abi";
import { notX86 } from "../host/arch.ts";
import type { Host, HostBlock } from "../host/host.ts";
import type { LayoutBlock, MemoryLayout } from "./memory-layout.ts";

/** The layout that a plain tree of sysfs tells, whose pages nobody read. @throws ParseError with the file that is missing */
export function treeLayout(host: Host): MemoryLayout {
  const { name, release, cmdline, blockSize, cpus, distances, ram } = host;
  const foreign = notX86(host);
  if (foreign !== undefined) throw new ParseError(foreign);
  if (host.blocks.length === 0)
    throw new ParseError("no memory blocks here (expected sys/devices/system/memory/memory0 and so on)");
  return {
    name,
    ...(release === undefined ? {} : { release }),
    ...(cmdline === undefined ? {} : { cmdline }),
    blockSize,
    // removable reads 1 of every block since 5.8: only a 0 tells something.
    blocks: host.blocks.map(layoutBlock),
    ...(ram === undefined ? {} : { ram }),
    cpus,
    distances,
    notes: [
      `This tree does not tell: ${[
        ...(release === undefined ? ["the kernel's version"] : []),
        ...(cpus.size === 0 ? ["processors"] : []),
        ...(distances.size === 0 ? ["distances"] : []),
        ...(ram === undefined ? ["holes"] : []),
        "what pages are",
      ].join(", ")}.`,
    ],
  };
}

function layoutBlock({ block, state, validZones, nodes, removable }: HostBlock): LayoutBlock {
  const [node] = nodes;
  if (state !== "online" && state !== "offline")
    throw new ParseError(
      `memory${block}/state ${state === undefined ? "is missing" : `reads ${JSON.stringify(state.slice(0, 20))}`} (needed: online or offline)`,
    );
  if (validZones === undefined)
    throw new ParseError(`memory${block}/valid_zones is missing; it says which zone a block is in`);
  if (node === undefined) throw new ParseError(`memory${block} has no link to its node (node0 and so on)`);
  if (nodes.length > 1)
    throw new ParseError(
      `memory${block} is of nodes ${nodes.join(" and ")}; where the border lies, no file of the tree says`,
    );
  return { block, state, validZones, node, isHeld: state === "online" && removable === "0" };
}
