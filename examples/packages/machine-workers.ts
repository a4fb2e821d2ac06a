import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { workerThreads } from "@memhp/machine/node";

const nodes = [
  { nodeid: 0, mem: "1G", cpus: "0" },
  { nodeid: 1, mem: "1G", cpus: "1" },
];
const spec = parseMachineSpec({ memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes });
const url = process.env["SHARD_WORKER"];
const workerFactory = url === undefined ? workerThreads() : workerThreads({ url: new URL(url, import.meta.url) });
const texts: string[] = [];
for (const workers of [0, 2]) {
  const machine = await bootMachine(spec, { kernel: "6.1", workers, workerFactory });
  const lines: string[] = [];
  machine.listen((event) => lines.push(JSON.stringify(event)));
  for (const block of [8, 9, 10]) await machine.offline(block);
  lines.push(JSON.stringify(machine.files.read("/proc/zoneinfo")));
  texts.push(lines.join("\n"));
  await machine.close();
}
console.log(texts.length, texts[0] === texts[1], (texts[0] ?? "").length > 1000);
/* prints
2 true true
*/
