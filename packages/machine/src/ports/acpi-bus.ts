import { groupBy, done, type EventBody, type Refusal, type Result } from "@memhp/abi";
import {
  type Acpi,
  type AcpiImage,
  createAcpi,
  type HotplugOutcome,
  type MemoryRange,
  type NotifyQueue,
} from "@memhp/acpi";
import { BlockState, type MemoryMap } from "@memhp/engine";
import type { NodeRequest } from "@memhp/hotplug";
import type { Change } from "@memhp/sysfs";
import type { DeviceActors } from "../devices/device-actors.ts";
import type { MachineDevices } from "../devices/machine-devices.ts";
import type { Board } from "../board/board.ts";
import type { HotplugLock } from "../time/hotplug-lock.ts";
import type { MemoryHotplug } from "../kernel/memory-hotplug.ts";
import type { Kernel } from "@memhp/kernels";

/** The machine's firmware and the kernel's ACPI code over it. */
export interface AcpiBus {
  readonly acpi: Acpi;
  /** Memory groups that devices registered so far. */
  readonly groups: number;
  registerGroup(): number;
}

/** What the bus needs of the machine that it is part of. */
export interface AcpiHost {
  readonly kernel: Kernel;
  readonly devices: MachineDevices;
  readonly actors: DeviceActors;
  readonly map: MemoryMap;
  readonly board: Pick<Board, "proximity" | "platform">;
  readonly shards: { execute(requests: readonly NodeRequest[]): Promise<unknown> };
  emit(body: EventBody): void;
  log(text: string): void;
  /** The kernel did not take memory of a device. */
  memoryRefused(range: MemoryRange, refusal: Refusal): void;
}

function changed(result: Result<Change>): Result<boolean> {
  return result.ok ? done(result.value === "changed") : result;
}

/** Joins the devices of the firmware's namespace to the kernel's ACPI code and to the machine. */
export function createAcpiBus(
  machine: AcpiHost,
  memory: MemoryHotplug,
  { lock, queue }: { readonly lock: HotplugLock; readonly queue: NotifyQueue },
  noMemoryHotplug: boolean,
  image: { readonly acpi: AcpiImage; readonly groups: number },
): AcpiBus {
  let { groups } = image;
  const registerGroup = (): number => groups++;

  const acpi = createAcpi({
    namespace: { devices: machine.devices.all().flatMap((device) => device.namespace) },
    lock,
    queue,
    image: image.acpi,
    noMemoryHotplug,
    inspect: machine.actors.inspect,
    onOutcome: (outcome) => tellRefusals(machine, outcome),
    ports: {
      kernel: machine.kernel,
      memory: {
        async addMemory(range, { node, group }) {
          const added = await memory.addMemory(range, { node, group });
          if (!added.ok) machine.memoryRefused(range, added.refusal);
          return added;
        },
        leftAlone(ranges) {
          const refusal = noDriver(machine.kernel);
          if (refusal !== undefined) for (const range of ranges) machine.memoryRefused(range, refusal);
        },
        removeMemory: (range, node) => memory.removal.removeMemory(range, node),
        registerGroup,
        unregisterGroup: () => {},
        blocksOf: (range) => memory.blocksOf(range),
        async bindBlocks(blocks) {
          const perNode = groupBy(blocks, (block) => machine.map.blocks.node(block));
          await machine.shards.execute([...perNode].map(([node, blocks]) => ({ op: "set_firmware", node, blocks })));
          return done(undefined);
        },
        unbindBlocks: () => {},
        isBlockOffline: (block) => machine.map.blocks.state(block) === BlockState.offline,
        offlineBlock: async (block) => changed(await memory.offline(block)),
        onlineBlock: async (block) => changed(await memory.online(block, "remembered")),
        nodeOfProximity: (pxm) => machine.board.proximity.get(pxm),
        nodeOfAddress: (address) => memory.nodeOfAddress(address),
      },
      firmware: {
        ost(path, source, status) {
          if (!machine.devices.all().some((device) => device.ost(path, source, status)))
            machine.emit({ type: "acpi_ost", device: path, source, status });
        },
        eject(path) {
          if (!machine.devices.all().some((device) => device.ejected(path)))
            acpi.namespace.set(path, { _STA: 0, _CRS: [] });
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
    get groups() {
      return groups;
    },
    registerGroup,
  };
}

/** Why no driver takes memory of the namespace; undefined where the command line says so (acpi_no_memhotplug). */
function noDriver({ id, config }: Kernel): Refusal | undefined {
  if (config.ACPI_HOTPLUG_MEMORY) return undefined;
  const built = "CONFIG_ACPI_HOTPLUG_MEMORY";
  return {
    errno: "ENODEV",
    code: "not_built",
    rule: `observed-newer §4: without ${built} nobody serves PNP0C80`,
    retry: "no",
    remedy: [`boot a kernel with ${built}`],
    detail: `${id} has no ${built}`,
  };
}

/** What the ACPI code refused by itself; a block's refusal is in the stream already. */
function tellRefusals(host: Pick<AcpiHost, "emit">, { untold }: HotplugOutcome): void {
  for (const refusal of untold) host.emit({ type: "refusal", refusal });
}
