import { done, refused } from "@memhp/abi";
import {
  checksum,
  createAcpi,
  type HotplugPort,
  NOTIFY_DEVICE_CHECK,
  NOTIFY_EJECT_REQUEST,
  OST_SUCCESS,
  qemuNamespace,
  qemuSlotPath,
  readSlit,
  slitDistance,
  writeSlit,
} from "@memhp/acpi";
import { kernelOf } from "@memhp/kernels";

const BLOCK = 2 ** 27;
const online = new Set<number>();
const idsOf = ({ start, size }: { start: number; size: number }): number[] =>
  Array.from({ length: size / BLOCK }, (_, i) => start / BLOCK + i);
const memory: HotplugPort = {
  addMemory: async (range) => (idsOf(range).forEach((id) => online.add(id)), done(undefined)),
  removeMemory: async (range) => (idsOf(range).forEach((id) => online.delete(id)), done(undefined)),
  blocksOf: (range) => idsOf(range).filter((id) => online.has(id)),
  isBlockOffline: () => false,
  offlineBlock: async (id) =>
    id === 41
      ? refused({ errno: "EBUSY", code: "pinned_page", rule: "facts §4.4", retry: "maybe", remedy: [] })
      : done(true),
  onlineBlock: async () => done(true),
  bindBlocks: () => done(undefined),
  unbindBlocks: () => {},
  registerGroup: () => 0,
  unregisterGroup: () => {},
  nodeOfProximity: (pxm) => pxm,
  nodeOfAddress: () => 0,
};
const told: number[] = [];
const acpi = createAcpi({
  namespace: qemuNamespace(2),
  ports: {
    kernel: kernelOf("6.12"),
    memory,
    firmware: { ost: (_path, _source, status) => void told.push(status) },
    uevent: () => {},
    log: () => {},
  },
});
await acpi.boot();
const slot = qemuSlotPath(0, 2);
acpi.namespace.set(slot, { _STA: 15, _CRS: [{ type: "memory", start: 40 * BLOCK, size: 2 * BLOCK }] });
await acpi.notify(slot, NOTIFY_DEVICE_CHECK);
console.log([...online].join(" "), told.at(-1) === OST_SUCCESS);
const eject = await acpi.notify(slot, NOTIFY_EJECT_REQUEST);
console.log(eject?.errno, eject?.refusals[0]?.code, online.size, told.at(-1) === OST_SUCCESS);

const table = writeSlit({
  distances: [
    [10, 20],
    [20, 10],
  ],
});
console.log(table.length, checksum(table), slitDistance(readSlit(table).distances, 0, 1));
/* prints
40 41 true
EBUSY pinned_page 2 false
48 0 20
*/
