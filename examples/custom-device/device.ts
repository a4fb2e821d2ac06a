import { alignUp, MIB, notifierFromErrno, NOTIFY_OK, type Result, done, type Task } from "@memhp/abi";
import {
  type HotplugOutcome,
  memoryDeviceMachine,
  NOTIFY_DEVICE_CHECK,
  NOTIFY_EJECT_REQUEST,
  STA_DEFAULT,
} from "@memhp/acpi";
import { count, type DeviceType, deviceTypes } from "@memhp/devices";
import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { readOnly } from "@memhp/sysfs";

/**
 * A memory device that memhp has never heard of: memory at the end of the window. Its driver refers to pages, and lets go of them when their block is to leave; where somebody else holds one too, it refuses.
 */
export const brick: DeviceType<BrickDoor, BrickSpec, BrickImage> = {
  id: "brick",
  statechart: memoryDeviceMachine,
  callback: {
    name: "brick",
    priority: 5,
    call(action, { startPfn, nrPages }, pages) {
      if (action !== "MEM_GOING_OFFLINE") return NOTIFY_OK;
      const held = pages.runs(startPfn, nrPages).filter(({ page }) => page !== undefined && page.pins > 0);
      if (held.some(({ page }) => page !== undefined && page.pins > 1)) return notifierFromErrno("EBUSY");
      for (const { startPfn: pfn } of held) pages.reference(pfn, -1);
      return NOTIFY_OK;
    },
  },
  readSpec(raw) {
    if (raw["brick"] === undefined) return {};
    return { spec: { sizeBytes: count(raw["brick"], "machine.brick", 0, 1024) * MIB }, ids: ["brick"] };
  },
  windowEnd: ({ sizeBytes }, end) => alignUp(end, 128 * MIB) + sizeBytes,
  create(host, spec, image) {
    let times = image?.times ?? 0;
    let isIn = image?.isIn ?? false;
    const path = "\\_SB_.BRCK";
    const at = { id: "brick", addr: host.board.window.end - (spec?.sizeBytes ?? 0), sizeBytes: spec?.sizeBytes ?? 0 };
    const notify = (value: number): Task<Result<HotplugOutcome>> =>
      host.start("brick", () => host.underLock(async () => done(await host.notify({ id: "brick", path }, value))));
    return {
      door: {
        insert() {
          isIn = true;
          times++;
          const _CRS = [{ type: "memory" as const, start: at.addr, size: at.sizeBytes }];
          host.acpi.namespace.set(path, { _STA: STA_DEFAULT, _CRS });
          return notify(NOTIFY_DEVICE_CHECK);
        },
        eject: () => notify(NOTIFY_EJECT_REQUEST),
      },
      namespace: [{ name: "BRCK", _HID: "PNP0C80", _UID: "brick", _STA: 0, _CRS: [], _EJ0: true, _OST: true }],
      memory: () => (isIn ? [at] : []),
      reserved: () => [at],
      has: (id) => id === "brick",
      ost(place, source, status) {
        if (place !== path) return false;
        host.emit({ type: "acpi_ost", device: "brick", source, status });
        return true;
      },
      ejected(place) {
        if (place !== path) return false;
        isIn = false;
        host.acpi.namespace.set(path, { _STA: 0, _CRS: [] });
        host.emit({ type: "device_deleted", device: "brick" });
        return true;
      },
      files: () => (isIn ? { "/sys/devices/brick/times": readOnly(() => `${times}\n`) } : {}),
      snapshot: () => ({ times, isIn }),
    };
  },
};

/** What programs call. */
interface BrickDoor {
  insert(): Task<Result<HotplugOutcome>>;
  eject(): Task<Result<HotplugOutcome>>;
}
interface BrickSpec {
  readonly sizeBytes: number;
}
interface BrickImage {
  readonly times: number;
  readonly isIn: boolean;
}

const devices = [...deviceTypes, brick];
const raw = { memory: "2G", slots: 2, maxmem: "4G", nodes: [], cmdline: "memhp_default_state=offline", brick: 128 };
const machine = await bootMachine(parseMachineSpec(raw, devices), { kernel: "6.12", devices });
await machine.device(brick).insert();
const [memory] = machine.pluggedMemory();
console.log("came:", memory?.id, (memory?.sizeBytes ?? 0) / MIB, "MiB");
console.log("its file reads", JSON.stringify(machine.files.read("/sys/devices/brick/times")));
await machine.device(brick).eject();
console.log("left:", machine.pluggedMemory().length, "devices");
await machine.close();
