import { done, type Refusal, refused, type Result } from "@memhp/abi";
import { type Acpi, createAcpi } from "./acpi.ts";
import type { MemoryRange } from "./crs.ts";
import type { AcpiKernelPort } from "./kernel-port.ts";
import { NOTIFY_DEVICE_CHECK, NOTIFY_EJECT_REQUEST, OST_FAILURE, OST_SUCCESS } from "./ost.ts";
import { STA_DEFAULT } from "./status.ts";

/** A memory device PNP0C80 whose _CRS is `ranges`. */
export interface MemoryDevice {
  readonly ranges: readonly MemoryRange[];
  /** Node that its _PXM maps to, or that of its address. */
  readonly node: number;
  readonly group: number;
}

/** What firmware learns of an insertion or eject. */
export interface DeviceOutcome {
  readonly ok: boolean;
  readonly status: number;
  readonly refusals: readonly Refusal[];
}

/** Status of an insertion that no driver took (acpi_no_memhotplug, observed-4.1 §8). */
export const OST_NOT_ATTACHED: number = OST_FAILURE;

/**
 * Device check of a device that appeared: adds each range and binds its blocks. EEXIST counts as success, since the
 * memory may be there from boot or from probe (facts/kernel.md §6.1). Evaluates no _OST.
 *
 * This is `createAcpi` over a namespace of one device, for a caller that keeps no namespace.
 */
export async function attachMemoryDevice(port: AcpiKernelPort, device: MemoryDevice): Promise<DeviceOutcome> {
  const acpi = singleDevice(port, device, {
    addMemory: (range) => port.addMemory(range, { node: device.node, group: device.group }),
    bindBlocks: (range) => port.bindBlocks(range),
  });
  const { refusals } = await acpi.hotplug(PATH, NOTIFY_DEVICE_CHECK);
  const ok = isAttached(acpi);
  return { ok, status: ok ? OST_SUCCESS : port.profile.ostInsertFailed, refusals };
}

/**
 * Eject of a device whose memory the kernel holds: tells _OST that it began, offlines every block in two passes, removes
 * the memory and evaluates _EJ0; or puts back online what it took offline (facts/kernel.md §6.3).
 * @param source notify value that asked for it, for the final _OST.
 */
export async function ejectMemoryDevice(
  port: AcpiKernelPort,
  device: MemoryDevice,
  source: number = NOTIFY_EJECT_REQUEST,
): Promise<DeviceOutcome> {
  // Blocks that exist are taken over as if the memory had been there already; ranges without any were never added.
  const acpi = singleDevice(port, device, {
    addMemory: async (range) =>
      refused({ ...alreadyThere, errno: port.blocksOf(range).length > 0 ? "EEXIST" : "EINVAL" }),
    bindBlocks: async () => {},
  });
  await acpi.boot();
  acpi.namespace.set(PATH, { _OST: true });
  const { errno, status = OST_FAILURE, refusals } = await acpi.hotplug(PATH, source);
  return { ok: errno === 0, status, refusals };
}

const PATH = "\\_SB_.MHPC.MP00";

const alreadyThere = { code: "overlap", rule: "facts §6.1: EEXIST is success", retry: "no", remedy: [] } as const;

function isAttached(acpi: Acpi): boolean {
  const device = acpi.device(PATH);
  return device?.kind === "memory" && device.life.state === "attached";
}

/** How ranges come to be the device's: added, or taken over. */
interface Attach {
  addMemory(range: MemoryRange): Promise<Result<void>>;
  bindBlocks(range: MemoryRange): Promise<void>;
}

function singleDevice(port: AcpiKernelPort, device: MemoryDevice, attach: Attach): Acpi {
  let unbound: MemoryRange | undefined;
  const _CRS = device.ranges.map(({ start, size }) => ({ type: "memory" as const, start, size }));
  const acpi = createAcpi({
    namespace: {
      // No container driver takes it: its uevents are the caller's matter.
      devices: [{ name: "MHPC", children: [{ name: "MP00", _HID: "PNP0C80", _STA: STA_DEFAULT, _CRS, _EJ0: true }] }],
    },
    ports: {
      profile: port.profile,
      memory: {
        addMemory(range) {
          unbound = range;
          return attach.addMemory(range);
        },
        async removeMemory(range) {
          await port.removeMemory(range, device.node);
          return done(undefined);
        },
        registerGroup: () => device.group,
        unregisterGroup: () => {},
        blocksOf: (range) => port.blocksOf(range),
        async bindBlocks() {
          const range = unbound;
          unbound = undefined;
          if (range !== undefined) await attach.bindBlocks(range);
          return done(undefined);
        },
        unbindBlocks: () => {},
        isBlockOffline: () => false,
        offlineBlock: (block) => port.offlineBlock(block),
        onlineBlock: (block) => port.onlineBlock(block),
        nodeOfProximity: () => device.node,
        nodeOfAddress: () => device.node,
      },
      firmware: {
        ost: (_path, source, status) => port.ost(source, status),
        eject(path) {
          acpi.namespace.set(path, { _STA: 0 });
          port.ejectDevice();
          return true;
        },
      },
      uevent: (action, devpath, subsystem) => port.uevent(action, devpath, subsystem),
      // Lines about the device itself would carry the bus id of this one-device namespace.
      log: (text) => (text.startsWith("acpi ") ? undefined : port.log(text)),
    },
  });
  return acpi;
}
