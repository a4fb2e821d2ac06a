import type { Caller, EventBody, Refusal, Task } from "@memhp/abi";
import type { Acpi } from "@memhp/acpi";
import type { DlparPort, DriverKernel } from "@memhp/devices";
import type { SharedHost } from "./machine-devices.ts";
import { type Board, deviceWindow, roomOf } from "../board/board.ts";
import type { MachineSpec } from "../spec/spec.ts";
import type { HotplugLock } from "../time/hotplug-lock.ts";
import type { DeviceActors } from "./device-actors.ts";

/** What of the machine its devices are given; what is made after them is asked for when they need it. */
interface DeviceHostOptions {
  readonly board: Board;
  readonly spec: MachineSpec;
  acpi(): Acpi;
  dlpar(): DlparPort | undefined;
  readonly driver: DriverKernel;
  readonly lock: HotplugLock;
  readonly actors: DeviceActors;
  start<T>(name: string, body: () => Promise<T>, caller?: Caller): Task<T>;
  /** The kernel has run what it does by itself. */
  kernelRan(): Promise<void>;
  emit(body: EventBody): void;
  tell(refusal: Refusal, caller: Caller): void;
}

/** What a machine gives to its devices. */
export function deviceHost(options: DeviceHostOptions): SharedHost {
  const { board, spec } = options;
  const unitBytes = board.platform.announces === "dlpar" ? board.blockSizeBytes : undefined;
  return {
    board: {
      window: deviceWindow(board.platform, spec, board.devices),
      memoryBytes: spec.memoryBytes,
      slots: spec.slots,
      resourceDevices: board.platform.resourceDevices,
      unitBytes,
      firstPciSlot: board.platform.firstPciSlot,
      nodes: 1 + Math.max(-1, ...spec.nodes.map(({ id }) => id)),
      qemu: spec.qemu,
      roomBytes: Math.max(0, spec.maxMemoryBytes - spec.memoryBytes),
    },
    get acpi() {
      return options.acpi();
    },
    get dlpar() {
      return options.dlpar();
    },
    roomOf: (kind) => roomOf(board.platform, spec, board.devices, kind),
    driver: options.driver,
    inspect: options.actors.inspect,
    start: (name, body, caller) => options.start(name, body, caller),
    underLock: (body) => options.lock.run(body),
    async notify({ id, path }, value, caller = {}) {
      await options.kernelRan();
      options.emit({ type: "acpi_notify", device: id, value });
      const outcome = await options.acpi().hotplug(path, value);
      for (const refusal of outcome.untold) options.tell(refusal, caller);
      return outcome;
    },
    emit: (body) => options.emit(body),
    tell: (refusal, caller = {}) => options.tell(refusal, caller),
  };
}
