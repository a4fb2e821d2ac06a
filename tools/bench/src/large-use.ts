// 4 TiB on 64 nodes with 3 TiB in use: boot, load, offline one node's DIMM, explain, plan.
import { offlineOutlook, planMachineOffline } from "@memhp/machine";
import { dimmBlocks, largeMachine, loadEach } from "./machines.ts";

const NODES = 64;
const machine = await largeMachine({ nodes: NODES, memory: "8G", dimm: "56G" });
const blocks = dimmBlocks(machine);
await machine.bulk("online", blocks, "movable");
await loadEach(machine, NODES, 48 * 2 ** 30);
const { refused } = await machine.bulk(
  "offline",
  blocks.filter((block) => machine.map.blocks.node(block) === 7),
);
if (refused.length > 0) throw new Error(`${refused.length} blocks were refused`);
await offlineOutlook(machine, [...machine.map.blocks.ids()]);
const plan = await planMachineOffline(machine, { count: 256 });
if (!plan.ok) throw new Error("no plan");
await machine.close();
