import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bootMachine, type MachineSpec, qmpPortOf } from "@memhp/machine";
import { serveQmp } from "@memhp/qmp/node";
import { connectMonitor } from "../qmp-client.ts";
import type { Target } from "../target.ts";
import { machineGuest } from "./machine-guest.ts";

export interface MemhpOptions {
  readonly machine: MachineSpec;
  /** Id of a profile: `6.1`. */
  readonly kernel: string;
  readonly unmovableBootBlocks?: readonly number[];
}

/** Boots memhp with its monitor on a unix socket: the driver reaches its DIMMs as it reaches QEMU's. */
export async function startMemhp({ machine: spec, kernel, unmovableBootBlocks = [] }: MemhpOptions): Promise<Target> {
  const machine = await bootMachine(spec, { kernel, unmovableBlocks: unmovableBootBlocks });
  const guest = machineGuest(machine);
  const folder = mkdtempSync(join(tmpdir(), "memhp-oracle-"));
  const path = join(folder, "qmp.sock");
  const server = await serveQmp(qmpPortOf(machine), { path });
  const monitor = await connectMonitor(path);
  return {
    monitor,
    guest,
    async plant(block, kernelPages) {
      if (machine.map.blocks.has(block)) await machine.markUnmovable([block], kernelPages);
    },
    async close() {
      await monitor.close();
      await server.close();
      await machine.close();
      rmSync(folder, { recursive: true });
    },
  };
}
