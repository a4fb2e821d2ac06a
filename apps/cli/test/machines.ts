import type { Machine } from "@memhp/machine";
import { readDocument, runDocument } from "@memhp/scenario";

const form = { format: "memhp-scenario/1", name: "for tools" } as const;

/** Machines that differ in what tools look at: nodes, holes, states, zones, removability, block size. */
export const machineShapes: Readonly<Record<string, object>> = {
  "one node": { machine: { nodes: { count: 1, memory: "1G" } }, steps: [] },
  "two nodes, offline DIMMs": {
    machine: { nodes: { count: 2, memory: "1G" }, dimms: { per_node: 1, size: "512M" } },
    steps: [],
  },
  "movable DIMM, half offline": {
    machine: { nodes: { count: 2, memory: "1G" }, dimms: { per_node: 1, size: "1G" } },
    steps: [
      { op: "offline", blocks: "dimm:n1d0" },
      { op: "block", n: 47, v: "online_movable" },
      { op: "block", n: 46, v: "online_movable" },
    ],
  },
  "normal DIMM with a hole": {
    machine: { nodes: { count: 3, memory: "512M" }, dimms: { per_node: 1, size: "512M" } },
    steps: [
      { op: "online", blocks: "offline", type: "kernel" },
      { op: "dimm_del", id: "n1d0" },
    ],
  },
  "a state that is refused": {
    machine: { nodes: { count: 1, memory: "2G" }, dimms: { per_node: 2, size: "256M" } },
    steps: [
      { op: "inject", action: "MEM_GOING_ONLINE", errno: "ENOMEM" },
      { op: "online", blocks: "offline", type: "online" },
      { op: "inject", action: "MEM_GOING_ONLINE", errno: 0 },
      { op: "online", blocks: "33", type: "online" },
    ],
  },
  "kernel memory in the way": {
    machine: { nodes: { count: 2, memory: "1G" }, dimms: { per_node: 1, size: "1G" } },
    steps: [
      { op: "online", blocks: "offline", type: "online" },
      { op: "load", id: "k", kind: "dentry", size: "700M", node: 1 },
      { op: "offline", blocks: "node:1" },
    ],
  },
};

/** Brings one of them up. The caller closes it. */
export async function bootShape(shape: string, kernel: string): Promise<Machine> {
  let machine: Machine | undefined;
  const document = readDocument({ ...form, kernel, ...machineShapes[shape] }, shape);
  await runDocument(document, {
    keepMachine: true,
    onMachine: (booted) => {
      machine = booted;
    },
  });
  return machine as Machine;
}
