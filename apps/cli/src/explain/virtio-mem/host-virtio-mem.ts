import { formatNumberList, offendersText } from "@memhp/abi";
import type { Host, HostVirtioMem } from "@memhp/capture";
import type { ExplainedVirtioMem } from "./explained-virtio-mem.ts";
import { remediesOf } from "./remedies.ts";

/** A virtio-mem device of a captured host, as far as its files tell. */
export function virtioMemOfHost({ pageSize, pageblockPages, flags }: Host, device: HostVirtioMem): ExplainedVirtioMem {
  const { name, start, end, nodes, pluggedPages, offline, kept } = device;
  const part = pageblockPages * pageSize;
  return {
    id: name,
    addr: start * pageSize,
    max: (end - start) * pageSize,
    node: nodes.length === 1 ? (nodes[0] as number) : null,
    unit: null,
    plugged: pluggedPages * pageSize,
    requested: null,
    state: null,
    stays: kept.map(({ block, zone, pageblocks, pages, total }) => ({
      blocks: String(block),
      zone,
      units: null,
      bytes: pageblocks * part,
      held_by: offendersText(pages, total),
      remedy: remediesOf(pages, zone === "Movable"),
    })),
    cannot_tell: [
      "what is requested, and what is plugged and unplugged as one (QEMU: query-memory-devices; the driver says it in the kernel's log when it is loaded)",
      ...(flags === undefined ? ["what the pages are (/proc/kpageflags)"] : []),
      ...(offline.length === 0
        ? []
        : [`how much is plugged of blocks ${formatNumberList(offline)}, which are offline`]),
    ],
  };
}
