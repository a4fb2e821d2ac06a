import {
  type Caller,
  done,
  knownOptions,
  listOf,
  oneOf,
  type Refusal,
  refused,
  type Result,
  text,
  truth,
  wholeNumber,
} from "@memhp/abi";
import type { AcpiRules } from "./acpi-rules.ts";
import { type BusDevice, isBound } from "./bus-device.ts";
import { createBusTree } from "./bus-tree.ts";
import { isEjectDisabled } from "./eject.ts";
import { type HotplugOutcome, hotplugSources, runHotplugEvent } from "./hotplug-event.ts";
import { type AcpiImage, livesOf, restoreAcpi, snapshotAcpi } from "./image.ts";
import type { AcpiInspector } from "./device-actor.ts";
import { unbindBlocks } from "./memory-steps.ts";
import { type AcpiNamespace, createNamespace, type NamespaceDescription } from "./namespace.ts";
import { createNotifyQueue, type HotplugLock, type NotifyQueue } from "./notify-queue.ts";
import { isHotplugNotify, notifyText, OST_EVENT_OSPM_EJECT, OST_FAILURE } from "./ost.ts";
import type { AcpiPorts } from "./ports.ts";
import { scan } from "./scan.ts";
import { createSystem, inKernel } from "./system.ts";

/** What the kernel's ACPI code is given: the tree of devices, and its ports. */
export interface AcpiOptions {
  /** The firmware's devices, built or as a description. */
  readonly namespace: AcpiNamespace | NamespaceDescription;
  readonly ports: AcpiPorts;
  /** The kernel's hotplug lock, which queued work runs under. Without it, work is only kept apart from other work. */
  readonly lock?: HotplugLock;
  /** The kernel's hotplug queue, of a caller who runs its work in threads of their own; by default one of promises. */
  readonly queue?: NotifyQueue;
  /** Boot option acpi_no_memhotplug. */
  readonly noMemoryHotplug?: boolean;
  /** Most events that wait or run at once; no limit by default. */
  readonly queueLimit?: number;
  /** Hears how each event of the queue ended: a write to `eject` is answered before that. */
  readonly onOutcome?: (outcome: HotplugOutcome) => void;
  /** Watches the devices' statecharts. */
  readonly inspect?: AcpiInspector;
  /** Goes on from here, on the same namespace as it was described. @throws RangeError for an image of another namespace. */
  readonly image?: AcpiImage;
}

/** online_store of a device waits for device_hotplug_lock as a block's does (drivers/base/core.c: lock_device_hotplug_sysfs). */
const writerGone: Refusal = {
  errno: "EINTR",
  code: "signal",
  rule: "facts §2.8: the writer was killed while it waited for device_hotplug_lock",
  retry: "yes",
  remedy: ["write again when the other hotplug operation has ended"],
};

/** The kernel's ACPI hotplug code over a namespace. */
export interface Acpi {
  readonly namespace: AcpiNamespace;
  readonly ports: AcpiPorts;
  readonly rules: AcpiRules;
  /** Boot-time scan of the whole namespace. The caller holds the lock. */
  boot(): Promise<void>;
  /**
   * Notify(device, value), as the firmware's method evaluates it. Bus check, device check and eject request are
   * queued; other values are logged.
   * @returns what becomes of the event, or undefined where nothing was queued.
   */
  notify(path: string, value: number): Promise<HotplugOutcome> | undefined;
  /** The work of one notify, for a caller that holds the lock already. @throws RangeError for an unknown path. */
  hotplug(path: string, source: number): Promise<HotplugOutcome>;
  /** A write of 1 to the device's `eject`: answered at once, carried out by the queue (facts/kernel.md §6.6). */
  requestEject(path: string): Result<void>;
  /** Resolves when the queue is empty; rejects where queued work threw. */
  idle(): Promise<void>;
  /** A device as Linux knows it. */
  device(path: string): BusDevice | undefined;
  /** All devices, each before its children. */
  devices(): Iterable<BusDevice>;
  /** The device that a memory block is bound to: its `firmware_node`. */
  companionOf(block: number): BusDevice | undefined;
  /** Tells that memory blocks went by another way than an eject, so that their bonds end too. */
  blocksRemoved(blocks: readonly number[]): Promise<void>;
  /** A write to the `online` file of a container's device, under the lock. */
  setContainerOnline(path: string, online: boolean, caller?: Caller): Promise<Result<void>>;
  /** Directories of /sys/firmware/acpi/hotplug, sorted. */
  hotplugProfiles(): readonly string[];
  hotplugEnabled(name: string): boolean;
  setHotplugEnabled(name: string, enabled: boolean): void;
  forceRemove(): boolean;
  /** Whether the switch can be set to 1: see `AcpiRules.forceRemove`. */
  canForceRemove(): boolean;
  setForceRemove(value: boolean): void;
  /** Pieces of queued work that wait or run. */
  readonly pending: number;
  /** Everything that `createAcpi` needs to go on from here. The queue is empty and nothing is under way. @throws KernelBug where the kernel is dead. */
  snapshot(): AcpiImage;
}

/** Devices that an error names. */
const NAMED = 8;
/** Notify values are 32 bits wide. */
const MOST_NOTIFY = 2 ** 32 - 1;

const OPTIONS: Readonly<Record<keyof AcpiOptions, true>> = {
  namespace: true,
  ports: true,
  lock: true,
  queue: true,
  noMemoryHotplug: true,
  queueLimit: true,
  onOutcome: true,
  inspect: true,
  image: true,
};

/** The kernel's ACPI memory hotplug code over a namespace: it hears notifies, and asks the kernel by its ports. */
export function createAcpi(options: AcpiOptions): Acpi {
  knownOptions("createAcpi: options", options, OPTIONS);
  const { ports, lock, inspect, image } = options;
  const namespace = "nodes" in options.namespace ? options.namespace : createNamespace(options.namespace);
  const system = createSystem(ports, { noMemoryHotplug: options.noMemoryHotplug ?? false });
  const tree = createBusTree(system, namespace.root, inspect, image === undefined ? undefined : livesOf(image));
  if (image !== undefined) restoreAcpi(image, system, namespace, tree);
  const queue = options.queue ?? createNotifyQueue({ lock, limit: options.queueLimit });

  function device(path: string): BusDevice | undefined {
    const node = namespace.byPath(path);
    return node === undefined ? undefined : tree.get(node.path);
  }

  function known(place: string, path: string): BusDevice {
    text(place, path);
    const found = device(path);
    if (found !== undefined) return found;
    const paths = [...tree.values()].map(({ node }) => node.path);
    oneOf(place, path, paths.length > NAMED ? [...paths.slice(0, NAMED), "…"] : paths);
    throw new RangeError(`${place}: no device ${path}`);
  }

  function schedule(target: BusDevice, source: number): Promise<HotplugOutcome> | undefined {
    return queue.schedule(async () => {
      const outcome = await runHotplugEvent(system, target, source);
      options.onOutcome?.(outcome);
      return outcome;
    });
  }

  return {
    namespace,
    ports,
    rules: ports.kernel.acpi,
    boot: () => inKernel(system, () => scan(known("boot: path", "\\"))),
    notify(path, value) {
      text("notify: path", path);
      wholeNumber("notify: value", value, { most: MOST_NOTIFY });
      const target = device(path);
      if (!isHotplugNotify(value)) {
        ports.log(`ACPI: ${path}: ${notifyText(value)} notify`);
        return undefined;
      }
      const queued = target && schedule(target, value);
      // A device that the kernel has no object for, or no room on the queue (facts/kernel.md §6.2).
      if (queued === undefined) ports.firmware.ost(target?.node.path ?? path, value, OST_FAILURE);
      return queued;
    },
    async hotplug(path, source) {
      const target = known("hotplug: path", path);
      oneOf("hotplug: source", source, hotplugSources);
      return runHotplugEvent(system, target, source);
    },
    requestEject(path) {
      const target = known("requestEject: path", path);
      if (!isBound(target) || isEjectDisabled(system, target) || target.node.methods._EJ0 !== true) {
        return refused({
          errno: "ENODEV",
          code: isBound(target) && target.node.methods._EJ0 === true ? "eject_disabled" : "no_entry",
          rule: "facts §6.6: eject needs _EJ0, and a driver that holds the device and has ejects enabled",
          retry: "no",
          remedy: ["insert a device first", "write 1 to /sys/firmware/acpi/hotplug/memory/enabled"],
        });
      }
      if (schedule(target, OST_EVENT_OSPM_EJECT) !== undefined) return done(undefined);
      ports.firmware.ost(target.node.path, OST_EVENT_OSPM_EJECT, OST_FAILURE);
      return refused({
        errno: "ENOMEM",
        code: "no_slot",
        rule: "facts §6.6: eject, where the hotplug queue takes no more",
        retry: "yes",
        remedy: ["wait until queued events are done"],
        detail: "in the queue of firmware events",
      });
    },
    idle: () => queue.idle(),
    device,
    devices: () => tree.values(),
    companionOf: (block) => system.companions.get(block),
    async blocksRemoved(blocks) {
      listOf("blocksRemoved: blocks", blocks, wholeNumber);
      await unbindBlocks(system, blocks);
    },
    async setContainerOnline(path, online, caller = {}) {
      truth("setContainerOnline: online", online);
      const target = known("setContainerOnline: path", path);
      const body = async (): Promise<Result<void>> => {
        const [node] = target.physicalNodes;
        if (node === undefined || node.device.subsystem !== "container")
          throw new RangeError(`setContainerOnline: path: expected a container with a device, found ${path}`);
        const result = await (online ? node.device.online() : node.device.offline());
        return result.ok ? done(undefined) : result;
      };
      if (lock?.runUnlessGone !== undefined) return lock.runUnlessGone(caller, () => refused(writerGone), body);
      return lock === undefined ? body() : lock.run(body);
    },
    hotplugProfiles: () => [...system.profiles.keys()].sort(),
    hotplugEnabled: (name) => system.profiles.get(name) === true,
    setHotplugEnabled(name, enabled) {
      oneOf("setHotplugEnabled: name", name, [...system.profiles.keys()].sort());
      truth("setHotplugEnabled: enabled", enabled);
      system.profiles.set(name, enabled);
    },
    forceRemove: () => system.forceRemove,
    canForceRemove: () => system.rules.forceRemove === "works",
    setForceRemove(value) {
      truth("setForceRemove: value", value);
      if (value && system.rules.forceRemove === "refused")
        throw new RangeError("setForceRemove: value: expected false (this kernel has no force_remove), found true");
      system.forceRemove = value;
    },
    get pending() {
      return queue.length;
    },
    snapshot: () => snapshotAcpi(system, namespace, tree.values()),
  };
}
