// large-machine NODES [events]: boot, online all, load a hundredth, offline half, read every file of /proc and of the nodes once.
import { dimmBlocks, largeMachine } from "./machines.ts";

const nodes = Number(process.argv[2]);
const laps: Record<string, number> = {};
let at = 0;
/** Milliseconds of processor time: whoever else uses the machine does not count. */
function lap(name: string): void {
  const { user, system } = process.cpuUsage();
  laps[name] = (user + system) / 1000 - at;
  at += laps[name];
}
lap("start");

const machine = await largeMachine({ nodes, memory: "8G", dimm: "56G", events: process.argv[3] === "events" });
lap("boot");
const blocks = dimmBlocks(machine);
await machine.bulk("online", blocks, "movable");
lap("online");
const sizeBytes = Math.floor((nodes * 64 * 2 ** 30) / 100);
const started = await machine.pages.loads.start({ id: "db", kind: "anon", sizeBytes });
if (!started.ok) throw new Error("no room");
lap("load");
await machine.bulk(
  "offline",
  blocks.filter((_, i) => i % 2 === 0),
);
lap("offline");
let bytes = 0;
for (const root of ["/proc", "/sys/devices/system/node"]) {
  for (const entry of machine.files.walk(root)) {
    if (entry.kind !== "file" || entry.byRange === true) continue;
    const read = machine.files.read(entry.path);
    if (read.ok) bytes += read.value.length;
  }
}
lap("files");
await machine.close();
process.stdout.write(JSON.stringify({ blocks: blocks.length, bytes, laps }));
