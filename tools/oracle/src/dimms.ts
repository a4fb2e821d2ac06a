import type { HotplugSignals, Monitor, QmpAnswer, QmpEventMessage } from "./target.ts";

type Json = Readonly<Record<string, unknown>>;

/** Where a memory device lies, as query-memory-devices tells it; bytes. A device that may grow counts as large as it may get. */
export interface PluggedDimm {
  readonly id: string;
  readonly addr: number;
  readonly size: number;
  readonly slot: number;
}

export interface DimmRequest {
  readonly id: string;
  readonly sizeBytes: number;
  readonly node: number;
  readonly addr?: number;
  readonly slot?: number;
}

/** `_OST` of an eject that has begun (observed-6 §8). */
const EJECTION_IN_PROGRESS = 132;
/** As ACPI's machines do it. */
const ACPI: HotplugSignals = { tellsOst: true, addWaitMs: 10_000 };
/** How long an eject is waited for that the guest itself began. */
const EJECT_WAIT_MS = 10_000;

/** What the monitor answered where the recorder needs an answer to go on. */
class UnexpectedAnswer extends Error {
  override readonly name = "UnexpectedAnswer";
}

async function query(monitor: Monitor, command: string): Promise<Json[]> {
  const answer = await monitor.execute(command);
  if ("error" in answer) throw new UnexpectedAnswer(`${command}: ${answer.error.desc}`);
  return answer.return as Json[];
}

/** What ACPI's slots say; a machine without ACPI has no such command. */
async function ospmStatus(monitor: Monitor, { tellsOst }: HotplugSignals): Promise<Json[]> {
  return tellsOst ? query(monitor, "query-acpi-ospm-status") : [];
}

export async function memoryDevices(monitor: Monitor): Promise<{ entry: Json; dimm: PluggedDimm }[]> {
  const entries = await query(monitor, "query-memory-devices");
  return entries.map((entry) => ({ entry, dimm: placeOf(entry["data"] as Json) }));
}

function placeOf(data: Json): PluggedDimm {
  const { id, addr, memaddr, size, slot = 0, "max-size": maxSize } = data as Readonly<Record<string, number>>;
  return { id: String(id), addr: (addr ?? memaddr) as number, size: (maxSize ?? size) as number, slot };
}

/** Plugs a DIMM in and waits for the kernel's `_OST`: the op `dimm_add`. */
export async function addDimm(
  monitor: Monitor,
  request: DimmRequest,
  signals: HotplugSignals = ACPI,
): Promise<{ result: Json; dimm?: PluggedDimm }> {
  const { id, sizeBytes, node, addr, slot } = request;
  const memdev = `mem-${id}`;
  const objectAdd = await monitor.execute("object-add", {
    "qom-type": "memory-backend-ram",
    id: memdev,
    size: sizeBytes,
  });
  if ("error" in objectAdd) return { result: { object_add: objectAdd, devices: [], ospm: [] } };
  const deviceAdd = await monitor.execute("device_add", {
    driver: "pc-dimm",
    id,
    memdev,
    node,
    ...(addr !== undefined && { addr }),
    ...(slot !== undefined && { slot }),
  });
  if ("error" in deviceAdd) {
    await monitor.execute("object-del", { id: memdev });
    return { result: { object_add: objectAdd, device_add: deviceAdd, devices: [], ospm: [] } };
  }
  await monitor.waitFor((events) => events.some((event) => ostInfo(event) !== undefined), signals.addWaitMs);
  const plugged = (await memoryDevices(monitor)).find(({ dimm }) => dimm.id === id);
  const ospm = await ospmStatus(monitor, signals);
  return {
    result: {
      object_add: objectAdd,
      device_add: deviceAdd,
      devices: plugged === undefined ? [] : [plugged.entry],
      ospm: ospm.filter((status) => status["slot"] === String(plugged?.dimm.slot)),
    },
    ...(plugged && { dimm: plugged.dimm }),
  };
}

/** Asks for a DIMM back and waits for the outcome: the op `dimm_del`. */
export async function removeDimm(
  monitor: Monitor,
  id: string,
  waitMs: number,
  signals: HotplugSignals = ACPI,
): Promise<Json> {
  const deviceDel = await monitor.execute("device_del", { id });
  let objectDel: QmpAnswer | undefined;
  if (!("error" in deviceDel)) {
    await monitor.waitFor(isDecided(signals), waitMs);
    const left = await memoryDevices(monitor);
    if (!left.some(({ dimm }) => dimm.id === id)) objectDel = await monitor.execute("object-del", { id: `mem-${id}` });
  }
  const ospm = await ospmStatus(monitor, signals);
  const isUsed = (status: Json): boolean =>
    status["device"] !== undefined || status["source"] !== 0 || status["status"] !== 0;
  return {
    device_del: deviceDel,
    ...(objectDel && { object_del: objectDel }),
    devices_left: (await memoryDevices(monitor)).map(({ dimm }) => dimm.id),
    ospm: ospm.filter((status) => status["slot-type"] === "DIMM" && isUsed(status)),
  };
}

/** Waits until an eject that the guest itself began has ended. */
export function waitForEject(monitor: Monitor, signals: HotplugSignals = ACPI): Promise<void> {
  return monitor.waitFor(isDecided(signals), EJECT_WAIT_MS);
}

function ostInfo(event: QmpEventMessage): Json | undefined {
  return event.event === "ACPI_DEVICE_OST" ? (event.data["info"] as Json) : undefined;
}

/** QEMU's events that end an eject where no _OST does. */
const ejectEnds: ReadonlySet<string> = new Set(["DEVICE_DELETED", "MEM_UNPLUG_ERROR", "DEVICE_UNPLUG_GUEST_ERROR"]);

/** An eject ends with an `_OST` other than the one that says that it has begun. */
function isDecided({ tellsOst }: HotplugSignals): (events: readonly QmpEventMessage[]) => boolean {
  if (!tellsOst) return (events) => events.some(({ event }) => ejectEnds.has(event));
  return (events) => {
    const status = events.map(ostInfo).findLast((info) => info !== undefined)?.["status"];
    return status !== undefined && status !== EJECTION_IN_PROGRESS;
  };
}
