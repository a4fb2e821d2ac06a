// Its top level awaits what nothing could ever end: a page of the block is pinned, and nobody sends a signal.
import { dimmsOf } from "@memhp/devices";
import { workerThreads } from "../src/node/index.ts";
import { FIRST, GIB, MIB } from "./lab.ts";
import { bootMachine, parseMachineSpec } from "../src/index.ts";

const cmdline = "memhp_default_state=online_movable";
const spec = parseMachineSpec({ memory: "1G", slots: 4, maxmem: "4G", nodes: [], cmdline });
const workers = Number(process.argv[2]);
const machine = await bootMachine(spec, { kernel: "6.12", kernelBlocks: [], workers, workerFactory: workerThreads() });
await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: GIB / 4, node: 0 });
await machine.pages.loads.start({ id: "nic", kind: "pinned", pin: "short", sizeBytes: 16 * MIB });
const { blockPages } = machine.map;
const holders: number[] = [];
for (const block of [FIRST, FIRST + 1])
  for (const { page } of await machine.pages.runs(block * blockPages, blockPages))
    if (page?.owner === "load:nic") holders.push(block);
const offline = (block: number, name: string): Promise<unknown> =>
  machine.write(`/sys/devices/system/memory/memory${block}/state`, "offline", {
    name,
    signalAtNs: Number.POSITIVE_INFINITY,
  });
console.log("begins");
const writes = [offline(holders[0] ?? -1, "agent"), offline(holders[0] === FIRST ? FIRST + 1 : FIRST, "udev")];
await Promise.all(writes);
console.log("never");
