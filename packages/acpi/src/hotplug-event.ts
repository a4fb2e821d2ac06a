import type { Refusal } from "@memhp/abi";
import type { AcpiRules } from "./acpi-rules.ts";
import type { BusDevice } from "./bus-device.ts";
import { matchingDriver } from "./drivers.ts";
import { eject } from "./eject.ts";
import type { KernelReturn } from "./kernel-return.ts";
import {
  NOTIFY_BUS_CHECK,
  NOTIFY_DEVICE_CHECK,
  NOTIFY_EJECT_REQUEST,
  OST_EJECT_NOT_SUPPORTED,
  OST_EVENT_OSPM_EJECT,
  OST_FAILURE,
  OST_SUCCESS,
} from "./ost.ts";
import { whyEnded } from "./why-ended.ts";
import { busCheck, deviceCheck } from "./scan.ts";
import { type AcpiSystem, evaluateOst, inKernel } from "./system.ts";

/** What became of one event on the hotplug queue. */
export interface HotplugOutcome {
  /** Path of the device. */
  readonly device: string;
  /** Notify value, or 0x103 for an eject from sysfs. */
  readonly source: number;
  readonly errno: KernelReturn;
  /** Why, where `errno` is not 0. */
  readonly refusal?: Refusal;
  /** Status of the final _OST; undefined where the kernel has no driver for the device and says nothing. */
  readonly status: number | undefined;
  /** Everything that was refused on the way, EEXIST and first passes included. */
  readonly refusals: readonly Refusal[];
  /** Those that no event has told: the kernel's memory core says of its own refusals that they are `told`. */
  readonly untold: readonly Refusal[];
}

type Flow = (system: AcpiSystem, device: BusDevice) => Promise<KernelReturn>;

const flows: ReadonlyMap<number, Flow> = new Map([
  [NOTIFY_BUS_CHECK, busCheck],
  [NOTIFY_DEVICE_CHECK, deviceCheck],
  [NOTIFY_EJECT_REQUEST, eject],
  [OST_EVENT_OSPM_EJECT, eject],
]);

/** What an event may come from: notify values, and 0x103 for a write to `eject`. */
export const hotplugSources: readonly number[] = [...flows.keys()];

/** Runs one event from beginning to its final _OST. The caller holds the hotplug lock. */
export async function runHotplugEvent(system: AcpiSystem, device: BusDevice, source: number): Promise<HotplugOutcome> {
  const { node } = device;
  if (matchingDriver(node) === undefined)
    return { device: node.path, source, errno: 0, status: undefined, refusals: [], untold: [] };
  const errno = await inKernel(system, async () => (await flows.get(source)?.(system, device)) ?? "EINVAL");
  const status = finalStatus(system.rules, errno);
  evaluateOst(system, node, source, status);
  const outcome = { device: node.path, source, errno, status };
  const lists = { refusals: [...system.refusals], untold: [...system.untold] };
  return errno === 0 ? { ...outcome, ...lists } : { ...outcome, refusal: whyEnded(errno, lists.refusals), ...lists };
}

/** The table of facts/kernel.md §6.3. */
export function finalStatus({ ostEjectBusy }: AcpiRules, errno: KernelReturn): number {
  if (errno === 0) return OST_SUCCESS;
  if (errno === "EPERM") return OST_EJECT_NOT_SUPPORTED;
  return errno === "EBUSY" ? ostEjectBusy : OST_FAILURE;
}
