import { type DimmOrder, type Looks, StepError, type Target, type WriteAnswer } from "@memhp/scenario";
import { addDimm, type PluggedDimm, removeDimm, waitForEject } from "./dimms.ts";
import type { QmpEventMessage, Target as RecordedMachine } from "./target.ts";
import { recordVirtioMem } from "./virtio-mem.ts";
import { snapshotView, stateView, treeView } from "./views.ts";

type Json = Readonly<Record<string, unknown>>;

/** How long an eject may take, unless a step says otherwise. */
const EJECT_NS = 20e9;
/** How long an event may take that a `qmp` step waits for. */
const EVENT_NS = 10e9;
const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;

/** A machine behind a monitor and a guest's agent, as operations act on it. */
export function recordingTarget({ monitor, guest, hotplug }: RecordedMachine, dimms: Map<string, PluggedDimm>): Target {
  const looks: Looks = {
    state: () => stateView(guest),
    snapshot: () => snapshotView(guest),
    tree: (path, depth) => treeView(guest, path, depth),
    beforeWrite: ["state", "valid_zones"],
    afterWrite: ["state", "valid_zones"],
    isOfOldRecorder: false,
  };
  return {
    looks,
    clock: { wait: (ns) => guest.sleep(ns / NS_PER_S) },
    monitor: {
      async addDimm(order: DimmOrder): Promise<Json> {
        const { result, dimm } = await addDimm(monitor, order, hotplug);
        if (dimm !== undefined) dimms.set(dimm.id, dimm);
        return result;
      },
      removeDimm: (id, waitNs = EJECT_NS) => removeDimm(monitor, id, waitNs / NS_PER_MS, hotplug),
      ...recordVirtioMem(monitor, guest),
      async execute(command, operands, until): Promise<unknown> {
        const answer = await monitor.execute(command, operands);
        if (until !== undefined && !("error" in answer)) {
          const isEnough = (events: readonly QmpEventMessage[]): boolean =>
            events.some(({ event }) => until.events.includes(event));
          await monitor.waitFor(isEnough, (until.waitNs ?? EVENT_NS) / NS_PER_MS);
        }
        return answer;
      },
    },
    guest: {
      async read(path, range) {
        if (range !== undefined) throw new StepError("read: offset, length: cannot be recorded");
        return guest.read(path);
      },
      async write(path, data, { timeoutMs = 0, background }): Promise<WriteAnswer> {
        if (background !== undefined) throw new StepError("background: cannot be recorded (use bg)");
        const written = await guest.write(path, data, timeoutMs);
        // The kernel has only queued what was asked for.
        if (path.endsWith("/eject") && written.open_errno === 0 && written.errno === 0)
          await waitForEject(monitor, hotplug);
        return written;
      },
      async insmod(name, words): Promise<Json> {
        const errno = await guest.insmod(name, words);
        return errno === 0 ? { rc: 0, timed_out: false, out: "" } : { rc: 1, timed_out: false, out: String(errno) };
      },
      callModule: (data, timeoutMs = 0) => guest.callModule(data, timeoutMs),
      program: (order) => guest.program(order),
    },
  };
}
