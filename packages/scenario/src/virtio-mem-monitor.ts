import { type VirtioMem, type VirtioMemsDoor, virtioMemsOf } from "@memhp/devices";
import type { Machine } from "@memhp/machine";
import type { Fitting } from "./fitting.ts";
import type { Monitor } from "./operations/target.ts";

type Json = Readonly<Record<string, unknown>>;

/** How long a guest has for what a driver does at once when it is loaded or its device comes. */
const PATIENCE_NS = 12e9;

/** The part of the monitor that concerns virtio-mem devices. */
export function virtioMemMonitorOf(
  machine: Machine,
  fitting: Fitting | undefined,
): Pick<Monitor, "requestVirtioMem" | "addVirtioMem" | "removeVirtioMem"> {
  const devices = virtioMemsOf(machine);
  return {
    async requestVirtioMem(id, bytes, waitNs) {
      const device = devices.get(id);
      if (device !== undefined && bytes < device.pluggedBytes) {
        const blocks = machine.blocksOf({ start: device.addr, size: device.sizeBytes });
        await fitting?.beforeShrink(blocks, Math.max(1, device.blockBytes / machine.board.blockSizeBytes));
      }
      const answer = devices.request(id, bytes);
      if (answer.ok) await settleVirtioMem(machine, id, waitNs, bytes);
      const { pluggedBytes = 0 } = devices.get(id) ?? {};
      return {
        qom_set: answerField(answer),
        requested: bytes,
        plugged: pluggedBytes,
        reached: pluggedBytes === bytes,
        device: deviceField(devices.get(id)),
      };
    },

    async addVirtioMem({ id, ...order }) {
      const added = devices.add({ id, memdev: `mem-${id}`, ...order });
      if (added.ok) await settleVirtioMem(machine, id, PATIENCE_NS, order.requestedBytes ?? 0);
      return { object_add: { return: {} }, device_add: answerField(added), device: deviceField(devices.get(id)) };
    },

    async removeVirtioMem(id) {
      const answer = devices.remove(id);
      if (answer.ok) await settleVirtioMem(machine, id, PATIENCE_NS, 0);
      return { device_del: answerField(answer), left: deviceField(devices.get(id)) ?? null };
    },
  };
}

/** Time passes until the drivers of all devices have done what they had to do: insmod returns before. */
export async function settleAllVirtioMem(machine: Machine): Promise<void> {
  for (const { id, requestedBytes } of virtioMemsOf(machine).list())
    await settleVirtioMem(machine, id, PATIENCE_NS, requestedBytes);
}

/** Time passes until the device has come to a size and its driver rests; where it does not come there, until the time is over. */
async function settleVirtioMem(machine: Machine, id: string, waitNs: number, bytes: number): Promise<void> {
  const devices = virtioMemsOf(machine);
  const endNs = machine.nowNs + waitNs;
  for (let work = devices.busyWith(id).task; work !== undefined && machine.nowNs < endNs;) {
    // Work that memhp itself failed at says so here.
    if (await machine.passUntil(work, endNs - machine.nowNs)) await work;
    work = devices.busyWith(id).task;
  }
  if (devices.get(id)?.pluggedBytes !== bytes) await machine.wait(Math.max(0, endNs - machine.nowNs));
  // The last size is told up to a second late.
  const { untilNs } = devices.busyWith(id);
  if (untilNs !== undefined && untilNs > machine.nowNs) await machine.wait(untilNs - machine.nowNs);
}

function answerField(answer: ReturnType<VirtioMemsDoor["request"]>): Json {
  return answer.ok ? { return: {} } : { error: answer.refusal };
}

/** As `query-memory-devices` tells it. */
function deviceField(device: VirtioMem | undefined): Json | null {
  if (device === undefined) return null;
  const { id, memdev, addr, sizeBytes, node, blockBytes, requestedBytes, pluggedBytes } = device;
  return {
    type: "virtio-mem",
    data: {
      memdev: `/objects/${memdev}`,
      memaddr: addr,
      "block-size": blockBytes,
      size: pluggedBytes,
      node,
      "max-size": sizeBytes,
      "requested-size": requestedBytes,
      id,
    },
  };
}
