import { type ContainerNotify, containersOf, dimmsOf } from "@memhp/devices";
import type { SimEvent } from "@memhp/abi";
import { NOTIFY_BUS_CHECK, NOTIFY_DEVICE_CHECK, qemuSlotPath } from "@memhp/acpi";
import { BlockState } from "@memhp/engine";
import fc from "fast-check";
import { type Machine } from "../src/index.ts";

const BLOCK = 128 * 2 ** 20;
/** DIMM slots of the machines on which these steps are played. */
export const SLOTS = 8;
/** The first block of the containers' memory. */
export const CONTAINER_BLOCK = 208;

/** One thing that a user, firmware or a driver does. Blocks and DIMMs are picked by number among those that are there. */
export type HotplugUse =
  | { readonly do: "insert"; readonly node: number; readonly blocks: number }
  | { readonly do: "eject"; readonly pick: number }
  | { readonly do: "online"; readonly pick: number; readonly type: "online" | "kernel" | "movable" }
  | { readonly do: "offline"; readonly pick: number }
  | { readonly do: "probe"; readonly block: number }
  | { readonly do: "guest eject"; readonly pick: number }
  | { readonly do: "enable ejects"; readonly enabled: boolean }
  | { readonly do: "container"; readonly id: string; readonly notify: ContainerNotify }
  | { readonly do: "eject container"; readonly id: string; readonly byGuest: boolean }
  | { readonly do: "switch container"; readonly id: string; readonly online: boolean }
  | { readonly do: "hold"; readonly pick: number; readonly unmovable: boolean };

const pick = fc.nat(63);
const id = fc.constantFrom("c0", "c1");
export const hotplugUse: fc.Arbitrary<HotplugUse> = fc.oneof(
  fc.record({ do: fc.constant("insert" as const), node: fc.nat(1), blocks: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant("eject" as const), pick }),
  fc.record({
    do: fc.constant("online" as const),
    pick,
    type: fc.constantFrom("online" as const, "kernel" as const, "movable" as const),
  }),
  fc.record({ do: fc.constant("offline" as const), pick }),
  fc.record({
    do: fc.constant("probe" as const),
    block: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 32, max: 48 }) },
      { weight: 1, arbitrary: fc.integer({ min: CONTAINER_BLOCK, max: CONTAINER_BLOCK + 3 }) },
    ),
  }),
  fc.record({ do: fc.constant("guest eject" as const), pick }),
  { weight: 1, arbitrary: fc.record({ do: fc.constant("enable ejects" as const), enabled: fc.boolean() }) },
  fc.record({
    do: fc.constant("container" as const),
    id,
    notify: fc.constantFrom<ContainerNotify>(NOTIFY_BUS_CHECK, NOTIFY_DEVICE_CHECK),
  }),
  fc.record({ do: fc.constant("eject container" as const), id, byGuest: fc.boolean() }),
  fc.record({ do: fc.constant("switch container" as const), id, online: fc.boolean() }),
  fc.record({ do: fc.constant("hold" as const), pick, unmovable: fc.boolean() }),
);

export interface HotplugLab {
  readonly machine: Machine;
  readonly events: SimEvent[];
  /** Ejects that the kernel was asked for: each has one final _OST. */
  ejects: number;
}

/** A write of 1 to a device's `eject`; its outcome comes by the queue. */
async function ejectByGuest(lab: HotplugLab, path: string): Promise<unknown> {
  const { machine } = lab;
  const answer = await machine.write(`/sys${machine.acpi.namespace.byPath(path)?.devpath}/eject`, "1");
  if (answer.errno === 0 && answer.openErrno === 0) lab.ejects++;
  await machine.idle();
  return answer;
}

type Play = {
  readonly [D in HotplugUse["do"]]: (lab: HotplugLab, step: Extract<HotplugUse, { do: D }>, index: number) => unknown;
};

function picked<T>(all: readonly T[], { pick }: { readonly pick: number }): T | undefined {
  return all[pick % Math.max(1, all.length)];
}
const hotBlocks = ({ map }: Machine): number[] => [...map.blocks.ids()].filter((id) => id >= 32);

/** Of a device over memory that was probed, but not at the device's start, 4.1 dies when it goes (dimm-over-probed.test.ts). */
function hasFirstBlock({ map }: Machine, { addr }: { readonly addr: number }): boolean {
  return map.blocks.has(addr / BLOCK);
}

const play: Play = {
  insert: ({ machine }, { node, blocks }, index) =>
    dimmsOf(machine).insert({ id: `d${index}`, memdev: `m${index}`, sizeBytes: blocks * BLOCK, node }),
  eject(lab, step) {
    const dimm = picked(dimmsOf(lab.machine).list(), step);
    if (dimm === undefined || !hasFirstBlock(lab.machine, dimm)) return undefined;
    lab.ejects++;
    return dimmsOf(lab.machine).eject(dimm.id);
  },
  "guest eject"(lab, step) {
    const dimm = picked(dimmsOf(lab.machine).list(), step);
    if (dimm === undefined || !hasFirstBlock(lab.machine, dimm)) return undefined;
    return ejectByGuest(lab, qemuSlotPath(dimm.slot, SLOTS));
  },
  "enable ejects": ({ machine }, { enabled }) =>
    machine.write("/sys/firmware/acpi/hotplug/memory/enabled", enabled ? "1" : "0"),
  online({ machine }, step) {
    const block = picked(hotBlocks(machine), step);
    return block === undefined ? undefined : machine.online(block, step.type);
  },
  offline({ machine }, step) {
    const block = picked(hotBlocks(machine), step);
    return block === undefined ? undefined : machine.offline(block);
  },
  hold({ machine }, step) {
    const block = picked(hotBlocks(machine), step);
    return block === undefined ? undefined : machine.markUnmovable([block], step.unmovable);
  },
  probe: ({ machine }, { block }) =>
    machine.kernel.config.ARCH_MEMORY_PROBE ? machine.probe(block * BLOCK) : undefined,
  container: ({ machine }, { id, notify }) => containersOf(machine).insert(id, notify),
  "eject container"(lab, { id, byGuest }) {
    const { machine } = lab;
    const container = containersOf(machine).get(id);
    if (container === undefined || !containersOf(machine).isInserted(container)) return undefined;
    const inContainers = containersOf(machine).insertedMemory(machine.acpi.namespace);
    if (inContainers.some((memory) => !hasFirstBlock(machine, memory))) return undefined;
    const blocks = container.memory.flatMap(({ addr, sizeBytes }) =>
      machine.blocksOf({ start: addr, size: sizeBytes }),
    );
    // Memory that came online after its container went offline is a BUG to the kernel (facts §5.2); that has a test of its own.
    if (
      !isSwitchedOn(machine, container.path) &&
      blocks.some((block) => machine.map.blocks.state(block) === BlockState.online)
    )
      return undefined;
    if (byGuest) return ejectByGuest(lab, container.path);
    lab.ejects++;
    return containersOf(machine).eject(id);
  },
  "switch container"({ machine }, { id, online }) {
    const busId = machine.acpi.namespace.byPath(containersOf(machine).get(id)?.path ?? "")?.busId;
    return machine.write(`/sys/devices/system/container/${busId}/online`, online ? "1" : "0");
  },
};

function isSwitchedOn(machine: Machine, path: string): boolean {
  const busId = machine.acpi.namespace.byPath(path)?.busId;
  const read = machine.files.read(`/sys/devices/system/container/${busId}/online`);
  return read.ok && read.value === "1\n";
}

export function useHotplug(lab: HotplugLab, step: HotplugUse, index: number): unknown {
  return (play[step.do] as (lab: HotplugLab, step: HotplugUse, index: number) => unknown)(lab, step, index);
}
