import { dimmsOf } from "@memhp/devices";
import type { Refusal } from "@memhp/abi";
import { executeCommand, type Machine, qmpEventsOf, resetUnderWay } from "@memhp/machine";
import { Background } from "./background.ts";
import type { Fitting } from "./fitting.ts";
import { type GuestHost, runProgram } from "./guest-programs.ts";
import { memoryPlaces } from "./memory-places.ts";
import { callApi, holdPages, isApiCall } from "./module-calls.ts";
import type { OnCheckpoint } from "./on-checkpoint.ts";
import { StepError } from "./operations/step-error.ts";
import type { Clock, Guest, Looks, Monitor, Target, WriteAnswer } from "./operations/target.ts";
import type { DimmPlace } from "./references.ts";
import { snapshotView, treeView } from "./snapshot-view.ts";
import { stateView } from "./state-view.ts";
import { Userspace } from "./userspace.ts";
import { INJECTION, injectionPriority, loadedTwice, refuseInjection } from "./refuse-injection.ts";
import { settleAllVirtioMem, virtioMemMonitorOf } from "./virtio-mem-monitor.ts";
import { dimmField, ospmField } from "./step-recorder.ts";

type Json = Readonly<Record<string, unknown>>;

/** How long a step waits for what has no time limit of its own; 4.1 may take twice two minutes for an eject (z-pinned-eject). */
const PATIENCE_NS = 300e9;
/** How long the recorder waits for the `_OST` of a DIMM's arrival. */
const OST_PATIENCE_NS = 10e9;
/** How long it waits for an event of the monitor, unless a step says otherwise, and how often it looks. */
const EVENT_PATIENCE_NS = 10e9;
const EVENT_LOOK_NS = 1e8;
const NS_PER_MS = 1e6;

/** memhp's own machine as operations act on it. */
export interface MachineTarget extends Target {
  readonly machine: Machine;
  /** Memory that references may name. */
  readonly dimms: Map<string, DimmPlace>;
  /** What goes on beside the steps. */
  readonly background: Background;
  /** udevd and agents. */
  readonly userspace: Userspace;
  /** Recorded runs only. */
  readonly fitting: Fitting | undefined;
  readonly onCheckpoint: OnCheckpoint | undefined;
}

/** A simulated machine as what operations act on. */
export function machineTarget(machine: Machine, fitting?: Fitting, onCheckpoint?: OnCheckpoint): MachineTarget {
  const background = new Background(machine);
  const dimms = memoryPlaces(machine);
  return {
    machine,
    dimms,
    background,
    userspace: new Userspace(machine),
    fitting,
    onCheckpoint,
    monitor: monitorOf(machine, background, dimms, fitting),
    guest: guestOf(machine, background, fitting),
    clock: clockOf(machine),
    looks: looksOf(machine),
  };
}

function clockOf(machine: Machine): Clock {
  return {
    wait(ns) {
      if (!Number.isSafeInteger(machine.nowNs + ns))
        throw new StepError(
          `the clock of a run ends at 2^53 ns after boot; it is ${machine.nowNs}, and this waits ${ns}`,
        );
      return machine.wait(ns);
    },
  };
}

function looksOf(machine: Machine): Looks {
  const isOfOldRecorder = machine.kernel.recorder.blockStep === "files-and-state";
  const beforeWrite = ["state", "valid_zones"];
  return {
    state: () => stateView(machine),
    snapshot: () => snapshotView(machine),
    tree: (path, depth) => treeView(machine, path, depth),
    beforeWrite,
    afterWrite: isOfOldRecorder ? [...beforeWrite, "removable", "online"] : beforeWrite,
    isOfOldRecorder,
  };
}

function monitorOf(
  machine: Machine,
  background: Background,
  dimms: Map<string, DimmPlace>,
  fitting: Fitting | undefined,
): Monitor {
  return {
    async addDimm({ id, sizeBytes, ...place }) {
      const memdev = `mem-${id}`;
      const added = dimmsOf(machine).offerBackend(memdev);
      if (!added.ok) return { object_add: { error: added.refusal }, devices: [], ospm: [] };
      const plugging = dimmsOf(machine).insert({ id, memdev, sizeBytes, ...place });
      // A kernel that is busy with an eject or an offline hears of it only later; the DIMM is there (n_add_waits).
      const plugged = (await background.waitFor(plugging, OST_PATIENCE_NS)) ? await plugging : undefined;
      const object_add = { return: {} };
      if (plugged?.ok === false) return { object_add, device_add: { error: plugged.refusal }, devices: [], ospm: [] };
      const dimm = plugged?.value ?? dimmsOf(machine).get(id);
      if (dimm === undefined) throw new Error(`memhp bug: DIMM ${id} was plugged in and is not there`);
      dimms.set(id, { addr: dimm.addr, sizeBytes });
      return {
        object_add,
        device_add: { return: {} },
        devices: [dimmField(dimm)],
        ospm: ospmField(machine, { slot: dimm.slot }),
      };
    },

    async removeDimm(id, waitNs = PATIENCE_NS) {
      const dimm = dimmsOf(machine).get(id);
      if (dimm !== undefined) await fitting?.beforeEject(machine.blocksOf({ start: dimm.addr, size: dimm.sizeBytes }));
      const deleting = dimmsOf(machine).eject(id);
      const hasEnded = await machine.passUntil(deleting, waitNs);
      const rest = {
        devices_left: dimmsOf(machine)
          .list()
          .map((each) => each.id),
        ospm: ospmField(machine, "used"),
      };
      // Later kernels try for ever to empty a block: the outcome comes in a later step, or never (observed-6 §8).
      if (!hasEnded) return { device_del: { return: {} }, ...rest };
      const deleted = await deleting;
      if (!deleted.ok) return { device_del: { error: deleted.refusal }, ...rest };
      if (!deleted.value.ok) return { device_del: { return: {} }, ...rest };
      // The recorder deletes the backend by the name that it gives its own (boot-coldplug-dimm).
      const object_del =
        dimm?.memdev === `mem-${id}`
          ? { return: {} }
          : { error: { class: "GenericError", desc: `object 'mem-${id}' not found` } };
      return { device_del: { return: {} }, object_del, ...rest };
    },

    ...virtioMemMonitorOf(machine, fitting),

    async execute(command, operands, until) {
      const come = new Set<string>();
      const stop = machine.listen((event) => {
        for (const told of qmpEventsOf(event)) come.add(told.event === "OTHER" ? told.name : told.event);
      });
      const answer = await executeCommand(machine, command, operands);
      await resetUnderWay(machine);
      const events = "error" in answer ? [] : (until?.events ?? []);
      const endNs = machine.nowNs + (until?.waitNs ?? EVENT_PATIENCE_NS);
      while (events.length > 0 && events.every((name) => !come.has(name)) && machine.nowNs < endNs)
        await machine.wait(EVENT_LOOK_NS);
      stop();
      return answer;
    },
  };
}

function guestOf(machine: Machine, background: Background, fitting: Fitting | undefined): Guest {
  const writeInBackground = (name: string, path: string, data: string): void => {
    background.start(name, (caller) =>
      machine.write(path, data, caller).map(({ openErrno, ret, errno }) => ({ open_errno: openErrno, ret, errno })),
    );
  };
  const host: GuestHost = { machine, writeInBackground, kill: (name) => background.kill(name) };

  return {
    async read(path, range) {
      const stat = machine.files.stat(path);
      const mode = stat.ok ? stat.value.mode.toString(8) : "0";
      const read =
        range === undefined
          ? machine.files.read(path)
          : await machine.files.readRange(path, range.offset ?? 0, range.length ?? Number.MAX_SAFE_INTEGER);
      return read.ok ? { errno: 0, mode, data: read.value } : { errno: read.refusal.errno, mode, data: "" };
    },

    async write(path, data, { timeoutMs, background: name }) {
      if (name === undefined) return writeFile(machine, background, path, data, timeoutMs);
      writeInBackground(name, path, data);
      return undefined;
    },

    async insmod(name, words) {
      return loadModule(machine, name, words);
    },

    async callModule(data) {
      if (isApiCall(data)) return callApi(machine, data, (calling) => background.waitFor(calling, PATIENCE_NS));
      await holdPages(machine, fitting, data);
      return null;
    },

    async program(order) {
      await runProgram(order, host, { beforeUse: async (node) => fitting?.beforeUse(node) });
      return null;
    },
  };
}

/** One write(2), by somebody whom a signal reaches after `timeoutMs`. */
async function writeFile(
  machine: Machine,
  background: Background,
  path: string,
  data: string,
  timeoutMs?: number,
): Promise<WriteAnswer> {
  const signal = new AbortController();
  const patienceNs = timeoutMs === undefined ? PATIENCE_NS : timeoutMs * NS_PER_MS;
  const answer = machine.write(path, data, {
    signal: signal.signal,
    ...(timeoutMs === undefined ? {} : { signalAtNs: machine.nowNs + patienceNs }),
  });
  // A moment longer than the signal, so that the writer can still answer it.
  const hasEnded = await background.waitFor(answer, patienceNs + NS_PER_MS);
  if (!hasEnded) {
    signal.abort();
    return { open_errno: 0, ret: 0, errno: 0, timed_out_signal: true };
  }
  // What an `eject` file queued belongs to this step.
  if (path.endsWith("/eject")) await machine.passUntil(machine.idle(), PATIENCE_NS);
  const { openErrno, ret, errno } = await answer;
  return { open_errno: openErrno, ret, errno, ...(errno === "EINTR" ? { timed_out_signal: true } : {}) };
}

/** Modules that recorded kernels have besides drivers of devices. */
const modules: readonly string[] = ["notifier-error-inject", INJECTION];

async function loadModule(machine: Machine, name: string, words: string): Promise<Json> {
  if (machine.modules.includes(name)) {
    const done = await machine.loadModule(name, words);
    if (done.ok) {
      await settleAllVirtioMem(machine);
      return { rc: 0, timed_out: false, out: "" };
    }
    machine.tell(done.refusal);
    return { rc: 1, timed_out: false, out: done.refusal.errno };
  }
  if (!modules.includes(name)) {
    const known = [...modules, ...machine.modules];
    const refusal: Refusal = {
      errno: "ENOENT",
      code: "no_entry",
      rule: "modprobe: no such module",
      retry: "no",
      remedy: [`load one of ${known.join(", ")}`],
    };
    machine.tell(refusal);
    return { rc: 1, timed_out: false, out: "ENOENT" };
  }
  const notBuilt = name === INJECTION ? refuseInjection(machine) : undefined;
  if (notBuilt !== undefined) {
    machine.tell(notBuilt);
    return { rc: 1, timed_out: false, out: notBuilt.errno };
  }
  if (name === INJECTION) {
    const priority = machine.errorInjection === undefined ? injectionPriority(words) : loadedTwice;
    if (typeof priority !== "number") {
      machine.tell(priority);
      return { rc: 1, timed_out: false, out: priority.errno };
    }
    machine.loadErrorInjection(priority);
  }
  machine.announceModule(name);
  return { rc: 0, timed_out: false, out: "" };
}
