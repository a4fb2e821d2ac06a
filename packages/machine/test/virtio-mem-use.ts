import { MIB } from "@memhp/abi";
import { virtioMemsOf } from "@memhp/devices";
import fc from "fast-check";
import { bootMachine, type Machine, parseMachineSpec } from "../src/index.ts";
import { keptWorkers } from "../../../tools/conformance/src/kept-workers.ts";

/** Two devices on two nodes: one in whole sub-blocks of 4M, one that QEMU splits finer; and a root port for a third. */
export const vmemSpec = parseMachineSpec({
  qemu: "11.1",
  memory: "1G",
  slots: 8,
  maxmem: "8G",
  smp: 3,
  nodes: [
    { nodeid: 0, mem: "512M", cpus: "0" },
    { nodeid: 1, mem: "512M", cpus: "1" },
    { nodeid: 2, cpus: "2" },
  ],
  extra: [
    "-object",
    "memory-backend-ram,id=m0,size=1G",
    "-object",
    "memory-backend-ram,id=m1,size=768M",
    "-device",
    "virtio-mem-pci,id=v0,memdev=m0,node=0,block-size=4M,requested-size=384M",
    "-device",
    "virtio-mem-pci,id=v1,memdev=m1,node=1",
    "-device",
    "pcie-root-port,id=rp0,chassis=1,slot=1",
  ],
});

/** Words with which the module is loaded: sub-blocks, big blocks, and big blocks of two blocks. */
export const modes = ["", "force_bbm=1", "force_bbm=1 bbm_block_size=268435456", "unplug_online=0"] as const;

interface Boot {
  readonly kernel: string;
  readonly mode: string;
  readonly workers?: number;
  /** What becomes of memory that is added. */
  readonly policy?: string;
}

/** A machine whose driver is loaded and has done what was requested at boot. */
export async function vmemMachine({ kernel, mode, workers = 0, policy = "online" }: Boot): Promise<Machine> {
  const machine = await bootMachine(vmemSpec, { kernel, kernelBlocks: [], workers, workerFactory: keptWorkers });
  await machine.write("/sys/devices/system/memory/auto_online_blocks", policy);
  const loaded = await machine.loadModule("virtio_mem", mode);
  if (!loaded.ok) throw new Error(loaded.refusal.rule);
  await machine.idle();
  return machine;
}

/** What a hypervisor, and somebody who turns the driver's switches, do. */
export type VirtioMemUse =
  | { readonly do: "request"; readonly device: "v0" | "v1"; readonly units: number }
  | { readonly do: "policy"; readonly path: string; readonly data: string }
  | { readonly do: "wait"; readonly s: number }
  /** Plugs a third device in, or asks for it back, at once or once it has had time: it goes when it is empty. */
  | { readonly do: "port"; readonly units: number; readonly waits: boolean }
  /** Asks for a size, and goes on before the driver is done. */
  | { readonly do: "hurry"; readonly device: "v0" | "v1"; readonly units: number; readonly ns: number };

const device = fc.constantFrom("v0" as const, "v1" as const);
const units = fc.oneof(fc.nat(192), fc.constantFrom(0, 32, 64, 96, 192));
export const virtioMemUse: fc.Arbitrary<VirtioMemUse> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("request" as const), device, units }) },
  fc
    .constantFrom(
      ["/sys/devices/system/memory/auto_online_blocks", "online_movable"],
      ["/sys/devices/system/memory/auto_online_blocks", "online"],
      ["/sys/devices/system/memory/auto_online_blocks", "offline"],
      ["/sys/module/memory_hotplug/parameters/online_policy", "auto-movable"],
      ["/sys/module/memory_hotplug/parameters/online_policy", "contig-zones"],
    )
    .map(([path = "", data = ""]) => ({ do: "policy" as const, path, data })),
  fc.record({ do: fc.constant("wait" as const), s: fc.integer({ min: 1, max: 400 }) }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant("port" as const), units: fc.nat(64), waits: fc.boolean() }) },
  fc.record({ do: fc.constant("hurry" as const), device, units, ns: fc.integer({ min: 1, max: 2e9 }) }),
);

export async function useVirtioMem(machine: Machine, step: VirtioMemUse): Promise<unknown> {
  if (step.do === "policy") return machine.write(step.path, step.data);
  if (step.do === "wait") return machine.wait(step.s * 1e9);
  if (step.do === "port") return usePort(machine, step.units, step.waits);
  const answer = virtioMemsOf(machine).request(step.device, step.units * 4 * MIB);
  await machine.wait(step.do === "hurry" ? step.ns : 10e9);
  return answer;
}

async function usePort(machine: Machine, units: number, waits: boolean): Promise<unknown> {
  const devices = virtioMemsOf(machine);
  if (devices.get("vp") === undefined) {
    const order = { id: "vp", memdev: "mp", sizeBytes: 256 * MIB, node: 1, bus: "rp0" };
    const added = devices.add({ ...order, requestedBytes: units * 4 * MIB });
    await machine.wait(10e9);
    return added;
  }
  devices.request("vp", 0);
  if (waits) await machine.wait(10e9);
  const answer = devices.remove("vp");
  await machine.wait(10e9);
  return answer;
}
