import { knownOptions } from "@memhp/abi";
import type { RuleFile } from "../rules/parse.ts";
import { type RulesOutcome, runRules } from "../rules/run-rules.ts";
import type { UdevPort } from "../rules/udev-port.ts";
import { type Uevent, ueventNumbering } from "../uevent.ts";
import { UeventFaults } from "../uevent-faults.ts";
import { type PoolJob, WorkerPool, type WorkerPoolOptions } from "../worker-pool.ts";
import { resultOf, type UserspaceMachine } from "./udev-machine.ts";

/** The rules of a daemon, and the machine it runs on. */
export interface UdevOptions extends Partial<WorkerPoolOptions> {
  readonly rules: readonly RuleFile[];
  /** udev's constants: `arch` (`x86-64`, `arm64`, `ppc64-le`, `s390x`), `virt` (`kvm`, `microsoft`, `none`, …). */
  readonly constants?: Readonly<Record<string, string>>;
  /** Answers of programs that rules ask, by command line; `/bin/uname -p` and systemd-detect-virt follow from the constants. */
  readonly programs?: Readonly<Record<string, { readonly status: number; readonly stdout: string }>>;
  /** What happens to uevents on their way. */
  readonly faults?: UeventFaults;
}

/** A uevent that udev is done with. */
export interface HandledUevent extends RulesOutcome {
  readonly event: Uevent;
  /** When its rules had been run, with all that they waited for. */
  readonly doneNs: number;
}

/** udevd's own defaults on a small machine, and what a worker takes: as a timeline shows it, not as a measurement. */
const DEFAULTS: WorkerPoolOptions = { workers: 8, wakeNs: 200_000, rulesNs: 100_000 };
const NAME = "udev";

const OPTIONS: Readonly<Record<keyof UdevOptions, true>> = {
  rules: true,
  constants: true,
  programs: true,
  faults: true,
  workers: true,
  wakeNs: true,
  rulesNs: true,
};

/** udevd beside a machine: hears its uevents, and runs rules for each in simulated time. */
export class UdevDaemon {
  readonly #machine: UserspaceMachine;
  readonly #options: UdevOptions;
  readonly #pool: WorkerPool;
  readonly #port: Omit<UdevPort, "write">;
  readonly #handled: HandledUevent[] = [];
  readonly #stop: () => void;

  constructor(machine: UserspaceMachine, options: UdevOptions) {
    knownOptions("UdevDaemon: options", options, OPTIONS);
    const { workers = DEFAULTS.workers, wakeNs = DEFAULTS.wakeNs, rulesNs = DEFAULTS.rulesNs } = options;
    this.#machine = machine;
    this.#options = options;
    this.#pool = new WorkerPool({ workers, wakeNs, rulesNs });
    this.#port = portOf(machine, options);
    const faults = options.faults ?? new UeventFaults();
    const numbered = ueventNumbering();
    this.#stop = machine.listen((event) => {
      const uevent = numbered(event);
      if (uevent === undefined) return;
      for (const passed of faults.pass(uevent)) this.#pool.push(passed);
      this.#begin();
    });
  }

  /** What udev has done since it was last asked, in the order in which it was done. */
  takeHandled(): HandledUevent[] {
    return this.#handled.splice(0);
  }

  /** True where `udevadm settle` would return. */
  get isSettled(): boolean {
    return this.#pool.isSettled;
  }

  /** It hears no more uevents; what it has begun it ends. */
  stop(): void {
    this.#stop();
  }

  #begin(): void {
    for (const job of this.#pool.begin()) {
      const name = `${NAME} (${job.event.action}@${job.event.devpath})`;
      this.#machine.at(job.atNs, name, (write) =>
        this.#work(job, async (path, value) => resultOf(await write(path, value))),
      );
    }
  }

  async #work(job: PoolJob, write: UdevPort["write"]): Promise<void> {
    const outcome = await runRules(this.#options.rules, job.event, { ...this.#port, write });
    const doneNs = this.#machine.nowNs;
    this.#handled.push({ ...outcome, event: job.event, doneNs });
    this.#pool.end(job, doneNs);
    this.#begin();
  }
}

/** What uname -p says for udev's words. */
const unameOf: Readonly<Record<string, string>> = { "x86-64": "x86_64", arm64: "aarch64", "ppc64-le": "ppc64le" };

function portOf({ files }: UserspaceMachine, options: UdevOptions): Omit<UdevPort, "write"> {
  const constants: Readonly<Record<string, string>> = { arch: "x86-64", virt: "kvm", ...options.constants };
  const virt = constants["virt"] ?? "none";
  const arch = constants["arch"] ?? "";
  const programs: UdevOptions["programs"] = {
    "/bin/uname -p": { status: 0, stdout: `${unameOf[arch] ?? arch}\n` },
    "/usr/bin/systemd-detect-virt": { status: virt === "none" ? 1 : 0, stdout: `${virt}\n` },
    ...options.programs,
  };
  const read = (path: string): string | undefined => {
    const found = files.read(path);
    return found.ok ? found.value : undefined;
  };
  return {
    read,
    exists: (path) => files.stat(path).ok,
    program: (command) => (Object.hasOwn(programs, command) ? programs[command] : undefined),
    constant: (name) => (Object.hasOwn(constants, name) ? constants[name] : undefined),
    commandLine: (read("/proc/cmdline") ?? "").trimEnd(),
  };
}
