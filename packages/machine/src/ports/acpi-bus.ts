import { done, type EventBody, type Result } from "@memhp/abi";
import {
  type Acpi,
  type AcpiImage,
  createAcpi,
  type NotifyQueue,
  qemuNamespace,
  qemuSlotPath,
  STA_DEFAULT,
} from "@memhp/acpi";
import { BlockState, type MemoryMap } from "@memhp/engine";
import type { NodeRequest } from "@memhp/hotplug";
import type { Change } from "@memhp/sysfs";
import { type Containers, tellRefusals } from "../board/containers.ts";
import type { Board } from "../board/board.ts";
import type { Dimm, DimmSlots } from "../board/dimm-slots.ts";
import type { HotplugLock } from "../time/hotplug-lock.ts";
import type { MemoryHotplug } from "../kernel/memory-hotplug.ts";
import type { Kernel } from "@memhp/kernels";

/** More slots than this are only numbers; firmware names no more. */
const MAX_SLOTS = 36 ** 3;

/** The machine's firmware and the kernel's ACPI code over it. */
export interface AcpiBus {
  readonly acpi: Acpi;
  /** Fills the slot of a DIMM. */
  fill(dimm: Dimm): void;
  pathOf(slot: number): string;
  /** Memory groups that devices registered so far. */
  readonly groups: number;
}

/** What the bus needs of the machine that it is part of. */
export interface AcpiHost {
  readonly kernel: Kernel;
  readonly spec: { readonly slots: number };
  readonly dimms: DimmSlots;
  readonly containers: Containers;
  readonly map: MemoryMap;
  readonly board: Pick<Board, "proximity" | "platform">;
  readonly core: { execute(requests: readonly NodeRequest[]): Promise<unknown> };
  readonly ostOfSlot: Map<number, OstRecord>;
  emit(body: EventBody): void;
  log(text: string): void;
}

/** What the kernel last told firmware about a slot. */
export interface OstRecord {
  readonly device: string | undefined;
  readonly source: number;
  readonly status: number;
}

function changed(result: Result<Change>): Result<boolean> {
  return result.ok ? done(result.value === "changed") : result;
}

/** Joins QEMU's namespace of memory slots, and the machine's containers, to the kernel's ACPI code and to the machine. */
export function createAcpiBus(
  machine: AcpiHost,
  memory: MemoryHotplug,
  { lock, queue }: { readonly lock: HotplugLock; readonly queue: NotifyQueue },
  noMemoryHotplug: boolean,
  image: { readonly acpi: AcpiImage; readonly groups: number },
): AcpiBus {
  const slots = Math.min(Math.max(1, machine.spec.slots), MAX_SLOTS);
  const pathOf = (slot: number): string => qemuSlotPath(slot, slots);
  const slotOf = new Map(Array.from({ length: slots }, (_, slot) => [pathOf(slot), slot]));
  const dimmAt = (path: string): Dimm | undefined =>
    machine.dimms.list().find((dimm) => dimm.slot === slotOf.get(path));
  let { groups } = image;

  const acpi = createAcpi({
    // Containers come last, so that QEMU's devices keep their names.
    namespace: {
      devices: [...qemuNamespace(slots, machine.board.platform.resourceDevices).devices, ...machine.containers.devices],
    },
    lock,
    queue,
    image: image.acpi,
    noMemoryHotplug,
    onOutcome: (outcome) => tellRefusals(machine, outcome),
    ports: {
      kernel: machine.kernel,
      memory: {
        addMemory: (range, { node, group }) => memory.addMemory(range, { node, group }),
        removeMemory: (range, node) => memory.removeMemory(range, node),
        registerGroup: () => groups++,
        unregisterGroup: () => {},
        blocksOf: (range) => memory.blocksOf(range),
        async bindBlocks(blocks) {
          const perNode = new Map<number, number[]>();
          for (const block of blocks) {
            const node = machine.map.blocks.node(block);
            const bound = perNode.get(node);
            if (bound === undefined) perNode.set(node, [block]);
            else bound.push(block);
          }
          await machine.core.execute([...perNode].map(([node, blocks]) => ({ op: "mark_firmware", node, blocks })));
          return done(undefined);
        },
        unbindBlocks: () => {},
        isBlockOffline: (block) => machine.map.blocks.state(block) === BlockState.offline,
        offlineBlock: async (block) => changed(await memory.offline(block)),
        onlineBlock: async (block) => changed(await memory.online(block, "planted")),
        nodeOfProximity: (pxm) => machine.board.proximity.get(pxm),
        nodeOfAddress: (address) => memory.nodeOfAddress(address),
      },
      firmware: {
        ost(path, source, status) {
          const slot = slotOf.get(path);
          if (slot === undefined) {
            const device = machine.containers.idAt(path) ?? path;
            machine.emit({ type: "acpi_ost", device, source, status });
            return;
          }
          const device = dimmAt(path)?.id;
          machine.ostOfSlot.set(slot, { device, source, status });
          machine.emit({ type: "acpi_ost", ...(device === undefined ? {} : { device }), slot, source, status });
        },
        eject(path) {
          const inContainer = machine.containers.idAt(path);
          if (inContainer !== undefined) {
            machine.containers.takeAway(acpi.namespace, path);
            machine.emit({ type: "device_deleted", device: inContainer, of: "container" });
            return true;
          }
          const dimm = dimmAt(path);
          acpi.namespace.set(path, { _STA: 0, _CRS: [] });
          if (dimm === undefined) return true;
          machine.dimms.unplug(dimm.id);
          machine.emit({ type: "device_deleted", device: dimm.id });
          return true;
        },
      },
      uevent: (action, devpath, subsystem, env) =>
        machine.emit({ type: "uevent", action, devpath, subsystem, ...(env === undefined ? {} : { env }) }),
      log: (text) => machine.log(text),
    },
  });
  return {
    acpi,
    pathOf,
    get groups() {
      return groups;
    },
    fill(dimm) {
      acpi.namespace.set(pathOf(dimm.slot), {
        _STA: STA_DEFAULT,
        _CRS: [{ type: "memory", start: dimm.addr, size: dimm.sizeBytes }],
        _PXM: dimm.node,
      });
    },
  };
}
