import { GIB } from "@memhp/abi";
import type { MachineSpec, NodeSpec } from "@memhp/machine";
import { notX86 } from "../host/arch.ts";
import type { Host } from "../host/host.ts";
import { nodeIds } from "./host-map.ts";
import { ImageImpossible } from "./image-impossible.ts";

const FOUR_GIB = 4 * GIB;
/** Where RAM of a q35 board goes on above 4 GiB. */
const Q35_LOW = 2 * GIB;
/** Words that boot has carried out already: what they made is in the pages. */
const CARRIED_OUT: RegExp = /^(hugepages|hugepagesz|default_hugepagesz|kernelcore|movablecore|mem|memmap)=/;

/**
 * The machine as firmware would describe it: nodes, processors, distances. Where its memory lies and in which zones, the image
 * says itself. @throws ImageImpossible
 */
export function hostSpec(host: Host): MachineSpec {
  const foreign = notX86(host);
  if (foreign !== undefined) throw new ImageImpossible(foreign);
  const nodes = nodesOf(host);
  const memoryBytes = nodes.reduce((sum, node) => sum + node.memoryBytes, 0);
  const end = Math.max(...(host.ram ?? []).map((range) => range.end)) * host.pageSize;
  return {
    board: "q35",
    arch: "x86_64",
    memoryBytes,
    nodes,
    slots: 16,
    // Room for DIMMs above all that is there.
    maxMemoryBytes: memoryBytes + Math.max(0, end - (FOUR_GIB + memoryBytes - Q35_LOW)) + 64 * GIB,
    cpus: Math.max(1, ...nodes.map(({ cpus }) => 1 + Math.max(-1, ...cpus))),
    hypervisor: true,
    cmdline: (host.cmdline ?? "")
      .split(/\s+/)
      .filter((word) => word !== "" && !CARRIED_OUT.test(word))
      .join(" "),
    devices: {},
    ...distancesOf(host, nodes),
    blockSizeBytes: host.blockSize,
  };
}

function nodesOf(host: Host): NodeSpec[] {
  return nodeIds(host).map((id) => {
    const present = host.zones.filter(({ node }) => node === id).reduce((sum, zone) => sum + zone.present, 0);
    const blocks = Math.max(1, Math.round((present * host.pageSize) / host.blockSize));
    return { id, memoryBytes: blocks * host.blockSize, cpus: host.cpus.get(id) ?? (id === 0 ? [0] : []) };
  });
}

/** The SLIT has a row for each number up to the last node; those that are no nodes are as far as any. */
function distancesOf({ distances }: Host, nodes: readonly NodeSpec[]): Pick<MachineSpec, "distances"> {
  if (distances.size !== nodes.length) return {};
  const last = nodes.at(-1)?.id ?? 0;
  const row = (from: number): number[] =>
    Array.from({ length: last + 1 }, (_, to) => distances.get(from)?.[to] ?? (from === to ? 10 : 20));
  return { distances: Array.from({ length: last + 1 }, (_, from) => row(from)) };
}
