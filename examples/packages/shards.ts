import { bootMemoryMap, bootStores } from "@memhp/engine";
import { sliceNodes, snapshotNodes } from "@memhp/hotplug";
import { kernelOf } from "@memhp/kernels";
import { platformOf } from "@memhp/platforms";
import { clockAtBoot, createLocalShard, type Shard, ShardSet, WorkerGone } from "@memhp/shards";

const kernel = kernelOf("6.12");
const arch = platformOf("x86_64").arch;
const map = bootMemoryMap({
  kernel,
  arch,
  blockPages: 0x8000,
  nodes: [
    { node: 0, ranges: [{ startPfn: 0x100, endPfn: 0x80000 }], hotpluggable: [], cpus: [0] },
    { node: 1, ranges: [{ startPfn: 0x100000, endPfn: 0x140000 }], hotpluggable: [], cpus: [1] },
  ],
  options: { kernelcorePages: undefined, movablecorePages: undefined, movableNode: false },
});
const nodes = snapshotNodes({ map, stores: bootStores(map), places: new Map() });
const shards: Shard[] = [0, 1].map((node) =>
  createLocalShard({ kernel, arch, nodes: sliceNodes(nodes, new Set([node])) }),
);
const set = new ShardSet(
  { kernel, arch, movableNode: false },
  { nodes, groupPages: [], endPfn: 0, clock: clockAtBoot },
  shards,
  new Map([
    [0, 0],
    [1, 1],
  ]),
  { policy: "contig-zones", ratio: 301, numaAware: true },
);
await set.learn();
const heard: string[] = [];
set.clock.listen((event) => {
  if (event.type === "uevent") heard.push(`${event.action}@${event.devpath.split("/").at(-1)}`);
});
const dimm = { nrPages: 0x8000, altmapPages: 0, firmware: true, driverManaged: false };
await set.execute([{ op: "add", node: 1, startPfn: 0x200000, group: 0, ...dimm }]);
await set.execute([{ op: "online", node: 1, blocks: [0x40], type: "movable" }]);
console.log(heard.join(" "));
console.log(set.pages.size, set.clock.nowNs > 0, typeof WorkerGone);
await set.close();
/* prints
add@memory64 online@memory64
2 true function
*/
