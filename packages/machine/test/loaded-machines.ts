import type { LoadKind } from "@memhp/engine";
import fc from "fast-check";
import { bootMachine, type LoadSpec, type Machine, parseMachineSpec } from "../src/index.ts";

/** Kernels whose plans and forecasts are carried out. */
export const kernels = ["4.1", "6.12"] as const;
export type TestedKernel = (typeof kernels)[number];

/** What a random machine is filled with. */
export interface Filling {
  readonly nodes: 1 | 2 | 3;
  readonly type: "movable" | "kernel";
  /** Hugepages of 2M in each node's pool. */
  readonly hugepages: number;
  readonly loads: readonly Pick<LoadSpec, "id" | "kind" | "sizeBytes" | "policy">[];
  /** Loads that have ended, and left gaps. */
  readonly ended: readonly string[];
}

const MIB = 2 ** 20;

/** Loads that leave some room; kinds that the kernel can move unless more are asked for. */
export function fillings(kinds: readonly LoadKind[], mostMib = 700): fc.Arbitrary<Filling> {
  return fc
    .record({
      nodes: fc.constantFrom<1 | 2 | 3>(1, 2, 3),
      type: fc.constantFrom<"movable" | "kernel">("movable", "kernel"),
    })
    .chain(({ nodes, type }) => {
      const load = fc.record({
        kind: fc.constantFrom(...kinds),
        sizeMib: fc.integer({ min: 1, max: mostMib }),
        node: fc.integer({ min: 0, max: nodes - 1 }),
        mode: fc.constantFrom<"bind" | "prefer">("bind", "prefer"),
      });
      return fc.record({
        nodes: fc.constant(nodes),
        type: fc.constant(type),
        hugepages: fc.constantFrom(0, 0, 40),
        loads: fc.array(load, { minLength: 1, maxLength: 5 }).map((list) =>
          list.map(({ kind, sizeMib, node, mode }, i) => ({
            id: `l${i}`,
            kind,
            sizeBytes: sizeMib * MIB,
            policy: { mode, nodes: [node] },
          })),
        ),
        ended: fc.subarray(["l0", "l1", "l2"]),
      });
    });
}

/** Boots a machine with a DIMM of 512M on each node, onlines them and starts the loads that find room. */
export async function loadedMachine(kernel: TestedKernel, filling: Filling): Promise<Machine> {
  const { nodes, type, hugepages, loads, ended } = filling;
  const spec = parseMachineSpec({ nodes: { count: nodes, memory: "512M" }, dimms: { per_node: 1, size: "512M" } });
  // What the kernel holds of each boot block is no matter of loads, but in every one of them there is some.
  const kernelBlocks = Array.from({ length: nodes * 4 }, (_, block) => block);
  const machine = await bootMachine(spec, { kernel, kernelBlocks });
  const offline = [...machine.map.blocks.ids()].filter((block) => machine.map.blocks.state(block) === 1);
  await machine.bulk("online", offline, type);
  if (hugepages > 0) await machine.pages.setHugepages(undefined, 2048, hugepages);
  for (const load of loads) await machine.pages.loads.start(load);
  for (const id of ended) await machine.pages.loads.end(id);
  return machine;
}

/** Online blocks of the machine's DIMMs. */
export function dimmBlocks(machine: Machine): number[] {
  const { blocks } = machine.map;
  return machine
    .pluggedMemory()
    .flatMap(({ addr, sizeBytes }) => machine.blocksOf({ start: addr, size: sizeBytes }))
    .filter((block) => blocks.state(block) === 3);
}

/** pgmigrate_success of the whole machine. */
export function migrated(machine: Machine): number {
  return machine.pages.migratedPages;
}
