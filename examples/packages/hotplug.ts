import { bootMemoryMap, bootStores } from "@memhp/engine";
import { allEvents, createHotplug, defaultCosts, inOrder, snapshotNodes } from "@memhp/hotplug";
import { kernelOf } from "@memhp/kernels";
import { createMemoryNotifier } from "@memhp/notifier";
import { platformOf } from "@memhp/platforms";

const kernel = kernelOf("6.12");
const map = bootMemoryMap({
  kernel,
  arch: platformOf("x86_64").arch,
  blockPages: 0x8000,
  nodes: [{ node: 0, ranges: [{ startPfn: 0x100, endPfn: 0x80000 }], hotpluggable: [], cpus: [0] }],
  options: { kernelcorePages: undefined, movablecorePages: undefined, movableNode: false },
});
const stores = bootStores(map);
const hotplug = createHotplug({ kernel, map, stores, chain: createMemoryNotifier(kernel) });
const policy = {
  policy: "contig-zones",
  ratio: 301,
  numaAware: true,
  movableNode: false,
  otherNodes: { earlyKernelPages: 0, movablePages: 0 },
  groupMaxPages: new Map<number, number>(),
} as const;
const dimm = {
  node: 0,
  startPfn: 0x100000,
  nrPages: 0x8000,
  group: 0,
  altmapPages: 0,
  firmware: true,
  driverManaged: false,
};
const answer = await hotplug.run({
  startNs: 0,
  untilNs: Number.POSITIVE_INFINITY,
  requests: [
    { op: "add", ...dimm },
    { op: "online", node: 0, blocks: [32], type: "movable" },
    { op: "offline", node: 0, blocks: [32] },
    { op: "online", node: 0, blocks: [32], type: "kernel" },
  ],
  policy,
  wants: allEvents,
});
const events = [...inOrder(answer.events)];
console.log(events.filter(({ type }) => type === "uevent").length, "uevents");
console.log(events.every((event, i) => i === 0 || (events[i - 1]?.atNs ?? 0) <= event.atNs));
console.log(map.blocks.has(32), Object.keys(defaultCosts).length > 3);
console.log(structuredClone(snapshotNodes({ map, stores, places: new Map() })) !== undefined);
/* prints
4 uevents
true
true true
true
*/
