import { dimmsOf } from "@memhp/devices";
import {
  bootMachine,
  decodeImage,
  encodeImage,
  offlineOutlook,
  parseMachineSpec,
  snapshot,
  SpecError,
  start,
} from "@memhp/machine";

const cmdline = "memhp_default_state=offline";
const spec = parseMachineSpec({ memory: "1G", slots: 4, maxmem: "8G", smp: 1, nodes: [], cmdline });
const machine = await bootMachine(spec, { kernel: "6.12" });
await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: 2 ** 28, node: 0 });
await machine.online(32, "movable");
const zones = machine.files.read("/sys/devices/system/memory/memory32/valid_zones");
console.log(zones.ok && zones.value.trim());
const load = { id: "db", kind: "pinned", sizeBytes: 2 ** 26, policy: { mode: "bind", nodes: [0] } } as const;
await machine.pages.loads.start(load);
const bytes = await encodeImage(await snapshot(machine));
await machine.close();

const copy = await start(await decodeImage(bytes));
const boot = await copy.offline(8);
console.log(boot.ok, boot.ok ? "" : boot.refusal.errno);
const outlook = await offlineOutlook(copy, [0, 1, 32, 33]);
const meminfo = copy.files.read("/proc/meminfo");
console.log(outlook.map(({ answer }) => answer).at(-1), meminfo.ok && meminfo.value.includes("MemTotal"));
console.log((await copy.pages.audit()).length);
await copy.close();
try {
  parseMachineSpec({ memory: "1G", colour: "red" });
} catch (error) {
  console.log(error instanceof SpecError, error instanceof Error && error.message.includes("colour"));
}
/* prints
Movable
false ENODEV
is_offline true
0
true true
*/
