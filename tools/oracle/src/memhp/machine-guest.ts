import type { SimEvent } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import { Background, memoryPlaces, perform, type StepRequest } from "@memhp/scenario";
import type { Guest, GuestEntry, WriteAnswer } from "../target.ts";

type Json = Readonly<Record<string, unknown>>;

/** A simulated machine's files and reports, as a program inside it would see them. */
export function machineGuest(machine: Machine): Guest {
  const { files } = machine;
  const background = new Background(machine);
  const dimms = memoryPlaces(machine);
  const carryOut = async (request: StepRequest): Promise<unknown> => {
    const context = { machine, dimms, kernelPages: undefined, unmovablePages: false, background };
    return (await perform(context, request)).result;
  };
  let events: SimEvent[] = [];
  machine.listen((event) => events.push(event));
  const modeOf = (path: string): string => {
    const stat = files.stat(path);
    return stat.ok ? stat.value.mode.toString(8) : "0";
  };

  function scan(dir: string, depth: number): GuestEntry[] {
    const names = files.list(dir);
    return (names.ok ? names.value : []).flatMap((name): GuestEntry[] => {
      const path = `${dir}/${name}`;
      const target = files.readlink(path);
      if (target.ok) return [{ path, kind: "link", mode: "777", errno: 0, text: target.value }];
      const stat = files.stat(path);
      if (!stat.ok) return [];
      const mode = stat.value.mode.toString(8);
      if (stat.value.kind === "dir")
        return [{ path, kind: "dir", mode, errno: 0, text: "" }, ...(depth > 1 ? scan(path, depth - 1) : [])];
      const read = files.read(path);
      const seen = read.ok ? { errno: 0, text: read.value } : { errno: read.refusal.errno, text: "" };
      return [{ path, kind: "file", mode, ...seen }];
    });
  }

  return {
    async read(path) {
      if (path === "/proc/version") return { errno: 0, mode: "444", data: `memhp, profile ${machine.profile.id}\n` };
      const read = files.read(path);
      const mode = modeOf(path);
      return read.ok ? { errno: 0, mode, data: read.value } : { errno: read.refusal.errno, mode, data: "" };
    },

    async write(path, data, timeoutMs) {
      const signal = timeoutMs === 0 ? {} : { timeout_ms: timeoutMs };
      return (await carryOut({ op: "write", path, data, ...signal })) as WriteAnswer;
    },

    async scan(path, depth) {
      return scan(path, depth);
    },

    async insmod(name, words) {
      const priority = Number(/priority=(-?\d+)/.exec(words)?.[1] ?? 0);
      if (name === "memory-notifier-error-inject") machine.loadErrorInjection(priority);
      else if (name !== "notifier-error-inject") return "ENOENT";
      const devpath = `/module/${name.replaceAll("-", "_")}`;
      machine.emit({ type: "uevent", action: "add", devpath, subsystem: "module" });
      return 0;
    },

    sleep: (seconds) => machine.wait(Math.round(seconds * 1e9)),
    // `sleep` is the driver's, on both targets.
    program: ({ sleep: _sleep, ...request }) => carryOut(request as StepRequest),

    async takeReports() {
      await background.afterStep();
      const seen = events;
      events = [];
      return {
        uevents: seen.flatMap(ueventOf),
        notifications: seen.flatMap(notificationOf),
        kernel_log: seen.flatMap((event) => (event.type === "log" ? [event.text] : [])),
      };
    },
  };
}

function ueventOf(event: SimEvent): unknown[] {
  if (event.type !== "uevent") return [];
  const { action, devpath, subsystem, env } = event;
  const head = `${action}@${devpath}`;
  if ((subsystem === "memory" || subsystem === "node") && env === undefined) return [head];
  return [{ uevent: head, SUBSYSTEM: subsystem, ...env }];
}

/** The two recorders that every run has; of the second, a trace keeps only that it was called. */
function notificationOf(event: SimEvent): Json[] {
  if (event.type !== "notifier") return [];
  const { name, action } = event;
  if (name === "late") return [{ notifier: name, action }];
  if (name !== "early") return [];
  return [
    {
      notifier: name,
      action,
      start_pfn: event.startPfn,
      nr_pages: event.nrPages,
      status_change_nid_normal: event.statusChangeNidNormal,
      status_change_nid: event.statusChangeNid,
    },
  ];
}
