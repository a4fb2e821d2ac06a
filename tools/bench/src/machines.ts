import { bootMachine, type Machine, parseMachineSpec } from "@memhp/machine";
import { workerThreads } from "@memhp/machine/node";

export interface LargeMachine {
  readonly nodes: number;
  /** Boot memory and the DIMM of each node. */
  readonly memory: string;
  readonly dimm: string;
  readonly workers?: number;
  readonly events?: boolean;
}

/** A machine of many nodes alike, with a DIMM on each. */
export async function largeMachine({
  nodes,
  memory,
  dimm,
  workers = 0,
  events = false,
}: LargeMachine): Promise<Machine> {
  const spec = parseMachineSpec({
    arch: "x86_64",
    block_size: "128M",
    nodes: { count: nodes, memory },
    dimms: { per_node: 1, size: dimm },
  });
  const machine = await bootMachine(spec, { kernel: "6.12", workers, workerFactory: workerThreads() });
  machine.setWants({ block: events, notifier: events, zone: events });
  return machine;
}

/** Blocks of DIMMs. */
export function dimmBlocks(machine: Machine): number[] {
  return [...machine.map.blocks.ids()].filter((id) => machine.map.blocks.group(id) >= 0);
}

export async function loadEach(machine: Machine, nodes: number, sizeBytes: number): Promise<void> {
  for (let node = 0; node < nodes; node++) {
    const load = { id: `load${node}`, kind: "anon", sizeBytes, policy: { mode: "bind", nodes: [node] } } as const;
    const started = await machine.pages.loads.start(load);
    if (!started.ok) throw new Error(`no room on node ${node}`);
  }
}
