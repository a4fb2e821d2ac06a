import type { RefusedPage, ZoneName } from "@memhp/abi";
import type { DeviceRange } from "../host/iomem.ts";
import type { HostRules } from "../rules/host-rules.ts";
import type { HostMemory } from "./host-memory.ts";
import { lookAt, type LookedBlock } from "./looked.ts";
import { offendersOf } from "./refusals.ts";

/** What a virtio-mem device would keep of a block. */
export interface KeptParts {
  readonly block: number;
  readonly zone: ZoneName | null;
  /** Pageblocks in which something cannot move: what the device unplugs is at least as large. */
  readonly pageblocks: number;
  /** The first such page of each of some of them; `total` counts all such pages. */
  readonly pages: readonly RefusedPage[];
  /** Pages that cannot move, those that `pages` leaves out included. */
  readonly total: number;
}

/** A virtio-mem device as the files of its host tell of it. */
export interface HostVirtioMem extends DeviceRange {
  readonly nodes: readonly number[];
  /** Pages of its blocks that are no PageOffline pages: plugged, at most. */
  readonly pluggedPages: number;
  /** Blocks of it that are offline: what is plugged of them no file says. */
  readonly offline: readonly number[];
  readonly kept: readonly KeptParts[];
}

/** The virtio-mem devices of a captured host, by /proc/iomem and what its pages are (observed-newer §2). */
export function virtioMemsOfHost(memory: HostMemory, rules: HostRules): HostVirtioMem[] {
  const { host } = memory;
  const blockPages = host.blockSize / host.pageSize;
  return (host.virtioMem ?? []).map((device) => {
    const blocks = host.blocks.filter(
      ({ block }) => block * blockPages >= device.start && block * blockPages < device.end,
    );
    const online = blocks.filter(({ state }) => state !== "offline").map((block) => lookAt(memory, block, rules));
    return {
      ...device,
      nodes: [...new Set(blocks.flatMap(({ nodes }) => nodes))].sort((a, b) => a - b),
      pluggedPages: online.reduce((sum, { range }) => sum + blockPages - fakeOffline(memory, range), 0),
      offline: blocks.filter(({ state }) => state === "offline").map(({ block }) => block),
      kept: online.flatMap((looked) => keptOf(memory, looked)),
    };
  });
}

/** Pages that the driver keeps from the kernel: unplugged parts of a block that is online. */
function fakeOffline({ host, known }: HostMemory, { start, end }: LookedBlock["range"]): number {
  let pages = 0;
  for (const run of host.flags?.within(start, end) ?? [])
    if (known[run.value]?.kind === "page_offline") pages += run.pages;
  return pages;
}

function keptOf(memory: HostMemory, { block, zone, survey }: LookedBlock): KeptParts[] {
  const { offenders, stuck, fixed } = survey;
  const all = [...offenders, ...stuck].sort((a, b) => a.pfn - b.pfn);
  if (all.length === 0) return [];
  const pageblocks = new Set(all.map(({ pfn }) => Math.floor(pfn / memory.host.pageblockPages))).size;
  const total = fixed + stuck.length;
  return [{ block: block.block, zone: zone ?? null, pageblocks, pages: offendersOf(all, memory), total }];
}
