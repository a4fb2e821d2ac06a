import type { SimEvent } from "@memhp/abi";
import { type Machine, untilRest } from "@memhp/machine";
import { monitorText, UeventFaults, ueventNumbering } from "@memhp/udev";
import type { ControlFile } from "./control-files.ts";
import { FollowedText } from "./followed-text.ts";
import { faultCommand, ueventFaultCommand } from "./fault-commands.ts";

/** A line of the control file: what it is called, and what it does with its words. */
export type ControlCommand = (words: readonly string[]) => Promise<string | undefined> | string | undefined;

/** As many events and log lines are kept. */
const KEPT = 1000;

/** What a mount shows of its machine besides files of the kernel. */
export interface MachineControl {
  readonly files: Readonly<Record<string, ControlFile>>;
  stop(): void;
}

/**
 * `control` takes commands, `faults` shows what files do wrong on purpose, `uevents` shows the last uevents as
 * `udevadm monitor --property`, whose readers wait for more in `monitor`; `log` shows the kernel's log.
 * @param commands beside `modprobe`, `fault` and `uevent_fault`.
 */
export function machineControl(
  machine: Machine,
  commands: Readonly<Record<string, ControlCommand>> = {},
): MachineControl {
  const { faults } = machine;
  const ueventFaults = new UeventFaults();
  const uevents: string[] = [];
  const log: string[] = [];
  const numbered = ueventNumbering();
  const monitor = new FollowedText();
  const tell = (text: string): void => {
    keep(uevents, text);
    monitor.add(text);
  };
  const keep = (lines: string[], line: string): void => {
    lines.push(line);
    if (lines.length > KEPT) lines.shift();
  };
  const stop = machine.listen((event) => {
    const uevent = numbered(event);
    for (const passed of uevent === undefined ? [] : ueventFaults.pass(uevent)) tell(monitorText("KERNEL", passed));
    const line = logLine(event);
    if (line !== undefined) keep(log, `${line}\n`);
  });
  const all: Readonly<Record<string, ControlCommand>> = {
    modprobe: (words) => modprobe(machine, words),
    fault: (words) => faultCommand(faults, words),
    uevent_fault: (words) => ueventFaultCommand(ueventFaults, words),
    ...commands,
  };
  return {
    stop,
    files: {
      control: {
        read: () => `${Object.keys(all).join("\n")}\n`,
        command(line) {
          const [name = "", ...words] = line.split(/\s+/);
          const command = Object.hasOwn(all, name) ? all[name] : undefined;
          return command === undefined
            ? `${name} is not known (allowed: ${Object.keys(all).join(", ")})`
            : command(words);
        },
      },
      faults: {
        read: () =>
          [
            ...faults.list().map(({ id, ...fault }) => `${id} ${JSON.stringify(fault)}\n`),
            ...ueventFaults.list().map((fault) => `uevent ${JSON.stringify(fault)}\n`),
          ].join(""),
      },
      log: { read: () => log.join("") },
      monitor: { read: () => "", follow: monitor },
      uevents: { read: () => uevents.join("") },
    },
  };
}

const NS_PER_SECOND = 1e9;

/** A line of the kernel's log as dmesg prints it. */
export function logLine(event: SimEvent): string | undefined {
  if (event.type !== "log") return undefined;
  return `[${(event.atNs / NS_PER_SECOND).toFixed(6).padStart(12)}] ${event.text}`;
}

const INJECTION = /^memory[-_]notifier[-_]error[-_]inject$/;

/** `modprobe [-q] [-r] MODULE [PARAMETER=VALUE…]`: memory-notifier-error-inject in the selftest's own words, and drivers of memory devices. */
async function modprobe(machine: Machine, words: readonly string[]): Promise<string | undefined> {
  const options = words.filter((word) => word.startsWith("-"));
  const [module = "", ...parameters] = words.filter((word) => !word.startsWith("-"));
  const unknown = options.find((option) => !/^-[qr]+$/.test(option));
  if (unknown !== undefined) return `${unknown} is not known (allowed: -q, -r)`;
  const removes = options.some((option) => option.includes("r"));
  const driver = machine.modules.find((name) => name === module.replaceAll("-", "_"));
  if (driver !== undefined) {
    const changing = removes ? machine.unloadModule(driver) : machine.loadModule(driver, parameters.join(" "));
    const changed = await changing;
    // A driver that begins something has done what needs no time.
    await untilRest(machine);
    // As modprobe(8): one that is there already, or not there, is no failure.
    if (changed.ok || changed.refusal.errno === (removes ? "ENOENT" : "EEXIST")) return undefined;
    return `${module}: ${changed.refusal.errno}, ${changed.refusal.rule}`;
  }
  if (!INJECTION.test(module))
    return `module ${module} is not simulated (allowed: ${["memory-notifier-error-inject", ...machine.modules].join(", ")})`;
  if (!machine.kernel.config.MEMORY_NOTIFIER_ERROR_INJECT) return `this kernel was built without ${module}`;
  const priority = /^priority=(-?\d+)$/.exec(parameters[0] ?? "priority=0")?.[1];
  if (priority === undefined || parameters.length > 1) return `expected priority=N, found ${parameters.join(" ")}`;
  if (removes) machine.unloadErrorInjection();
  else if (machine.errorInjection === undefined) machine.loadErrorInjection(Number(priority));
  return undefined;
}
