import { addRange, bootMemoryMap, nodeOf, recountZone, removeRange, validZones, zoneForOnline6 } from "@memhp/engine";
import { kernelOf } from "@memhp/kernels";
import { platformOf } from "@memhp/platforms";

const map = bootMemoryMap({
  kernel: kernelOf("6.12"),
  arch: platformOf("x86_64").arch,
  blockPages: 0x8000,
  nodes: [
    { node: 0, ranges: [{ startPfn: 0x100, endPfn: 0x80000 }], hotpluggable: [], cpus: [0] },
    { node: 1, ranges: [{ startPfn: 0x100000, endPfn: 0x140000 }], hotpluggable: [], cpus: [1] },
  ],
  options: { kernelcorePages: undefined, movablecorePages: undefined, movableNode: false },
});
const blocks = addRange(map, {
  node: 1,
  startPfn: 0x200000,
  nrPages: 2 * 0x8000,
  group: 0,
  altmapPages: 0,
  firmware: true,
  driverManaged: false,
});
console.log(blocks.join(" "), map.blocks.node(64));
const policy = {
  policy: "contig-zones",
  ratio: 301,
  numaAware: true,
  movableNode: false,
  otherNodes: { earlyKernelPages: 0, movablePages: 0 },
  groupMaxPages: new Map<number, number>(),
} as const;
for (const block of blocks) console.log(validZones(map, block, policy));
console.log(zoneForOnline6(map, blocks[0] ?? 0, "movable", policy));
console.log(recountZone(map, 1, 2).presentPages === nodeOf(map, 1).zones[2]?.presentPages);
try {
  removeRange(map, { node: 1, startPfn: 0x200001, nrPages: 5 });
} catch (error) {
  console.log(error instanceof RangeError);
}
/* prints
64 65 1
Normal Movable
Normal Movable
3
true
true
*/
