import { containersOf, deviceTypes, dimm, DimmSlots, dimmsOf } from "@memhp/devices";
import { bootMachine, parseMachineSpec } from "@memhp/machine";

console.log(deviceTypes.length >= 2, deviceTypes.includes(dimm as never));
const GIB = 2 ** 30;
const board = { window: { start: 4 * GIB, end: 16 * GIB }, slots: 3, nodes: 2, roomBytes: 2 * GIB };
const slots = new DimmSlots(board, { has: () => false, reserved: () => [] });
for (const id of ["a", "b", "c"]) {
  const plugged = slots.plug({ id, memdev: `mem-${id}`, sizeBytes: GIB, node: 1 }, true);
  console.log(id, plugged.ok ? plugged.value.slot : "refused");
}
const spec = parseMachineSpec({
  memory: "1G",
  slots: 2,
  maxmem: "4G",
  smp: 1,
  cmdline: "memhp_default_state=offline",
  nodes: [{ nodeid: 0, mem: "1G", cpus: "0" }],
  containers: [{ id: "c0", node: 1, memory: [{ id: "m0", size: "256M" }] }],
});
const machine = await bootMachine(spec, { kernel: "6.12" });
const dimms = dimmsOf(machine);
await dimms.insert({ id: "d0", memdev: "m0", sizeBytes: 2 ** 28, node: 0 });
console.log(
  dimms
    .list()
    .map(({ id }) => id)
    .join(),
  containersOf(machine).list().length,
);
const gone = await dimms.eject("d0");
console.log(dimms.list().length, gone === undefined ? "" : typeof gone);
await machine.close();
/* prints
true true
a 0
b 1
c refused
d0 1
0 object
*/
