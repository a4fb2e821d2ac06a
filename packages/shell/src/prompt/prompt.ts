import {
  type ControlCommand,
  type MachineControl,
  machineControl,
  machineFiles,
  type ServedFiles,
  withControlFiles,
} from "@memhp/mount";
import type { Machine } from "@memhp/machine";
import { completions } from "./complete.ts";
import { cat, cd, echo, ls, pwd, tree } from "./files.ts";
import { machineCommands, machineUsage } from "./machine-commands.ts";
import { type PerformStep, stepCommands, writtenBySteps } from "./step-commands.ts";
import type { PromptCommand, Session } from "./session.ts";
import { blocks, chmem, lsmem } from "./tools.ts";
import { type Line, LineError, parseLine } from "./words.ts";

const commands: Readonly<Record<string, { readonly usage: string; readonly run: PromptCommand }>> = {
  cat: { usage: "cat FILE…", run: cat },
  ls: { usage: "ls [-l] [PATH…]", run: ls },
  tree: { usage: "tree [DIR]", run: tree },
  cd: { usage: "cd [DIR]", run: cd },
  pwd: { usage: "pwd", run: pwd },
  lsmem: { usage: "lsmem …   (as lsmem(1))", run: lsmem },
  chmem: { usage: "chmem -e|-d …   (as chmem(8))", run: chmem },
  blocks: { usage: "blocks [-a]", run: blocks },
};

/** Words that end the prompt. */
const ends = new Set(["exit", "quit", "logout"]);

/** Who is told what a prompt prints and does. */
export interface PromptOptions {
  readonly print: (text: string) => void;
  /** What is wrong, and why. */
  readonly warn: (text: string) => void;
  /**
   * Carries out what a line does to the machine, as a step. Without it the prompt does so itself, and knows `modprobe` and `fault`, which
   * are no steps, besides.
   */
  readonly perform?: PerformStep;
}

/** Commands that change the machine; so does `echo` into a file. */
const doing: ReadonlySet<string> = new Set(["chmem", ...Object.keys(machineUsage)]);

/** Whether a line of the prompt may change the machine; one that only looks, or is not known, does not. */
export function isDeed(line: string): boolean {
  const { words, to } = readLine(line) ?? { words: [], to: undefined };
  const [name] = words;
  return name !== undefined && (doing.has(name) || (name === "echo" && to !== undefined));
}

/** @returns undefined for one that is unfinished. */
function readLine(line: string): Line | undefined {
  try {
    return parseLine(line);
  } catch (error) {
    if (error instanceof LineError) return undefined;
    throw error;
  }
}

/** Lines typed at a machine: `cat`, `echo … > …`, `ls`, `lsmem`, `chmem`, DIMM commands, loads, time. Close it. */
export class Prompt {
  readonly #session: Session;
  readonly #control: MachineControl;
  readonly #machineCommands: Readonly<Record<string, ControlCommand>>;
  #status = 0;

  /** On a machine that is up; nothing is printed yet. */
  constructor(machine: Machine, { print, warn, perform }: PromptOptions) {
    this.#control = machineControl(machine, machineCommands(machine));
    this.#session = {
      machine,
      files:
        perform === undefined
          ? withControlFiles(patientFiles(machine), this.#control.files)
          : writtenBySteps(machineFiles(machine), perform),
      call: { signal: new AbortController().signal, pid: 0, uid: 0 },
      directory: "/sys/devices/system/memory",
      print,
      warn,
    };
    this.#machineCommands =
      perform === undefined
        ? { ...machineCommands(machine, print), ...controlCommands(this.#control.files) }
        : stepCommands(machine, print, perform);
  }

  /** Lets go of the machine. */
  close(): void {
    this.#control.stop();
  }

  /** Exit status of the last line, as a program's. */
  get status(): number {
    return this.#status;
  }

  /** What stands before a line: `memhp 6.12:/sys/devices/system/memory# `. */
  get text(): string {
    return `memhp ${this.#session.machine.kernel.id}:${this.#session.directory}# `;
  }

  /** What could stand at the end of a line. */
  complete(line: string): [candidates: string[], part: string] {
    const names = ["echo", "help", "exit", ...Object.keys(commands), ...Object.keys(this.#machineCommands)];
    return completions(this.#session, names.sort(), line);
  }

  /** Carries out one line. @returns false where it ends the prompt. */
  async line(text: string): Promise<boolean> {
    try {
      const { words, to } = parseLine(text);
      const [name, ...rest] = words;
      if (name === undefined) return true;
      if (ends.has(name)) {
        this.#status = Number(rest[0] ?? this.#status);
        return false;
      }
      this.#status = await this.#run(name, rest, to);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      this.#session.warn(`${error.message}\n`);
      this.#status = 2;
    }
    return true;
  }

  #run(name: string, words: readonly string[], to: string | undefined): Promise<number> | number {
    if (name === "echo") return echo(this.#session, words, to);
    if (to !== undefined) throw new LineError(`only echo writes to files here, not ${name}`);
    if (name === "help") return this.#help();
    if (Object.hasOwn(commands, name)) return (commands[name] as { run: PromptCommand }).run(this.#session, words);
    const command = Object.hasOwn(this.#machineCommands, name) ? this.#machineCommands[name] : undefined;
    if (command === undefined) {
      this.#session.warn(`${name}: not known here; help says what is\n`);
      return 127;
    }
    return this.#machineSide(name, command, words);
  }

  async #machineSide(name: string, command: ControlCommand, words: readonly string[]): Promise<number> {
    const wrong = await command(words);
    if (wrong === undefined) return 0;
    this.#session.warn(`${name}: ${wrong}\n`);
    return 1;
  }

  #help(): number {
    const usages = [
      "echo WORDS > FILE",
      ...Object.values(commands).map(({ usage }) => usage),
      ...Object.keys(this.#machineCommands).map((name) => machineUsage[name] ?? name),
      "exit [STATUS]",
    ];
    this.#session.print(usages.map((usage) => `  ${usage}\n`).join(""));
    return 0;
  }
}

/** Nobody can signal whoever types here, so an offline that never ends is given up after two minutes of the machine's time. */
function patientFiles(machine: Machine): ServedFiles {
  return { ...machineFiles(machine), write: (path, data) => machine.write(path, data, { name: "shell" }) };
}

/** What the control file of a mount knows by itself. */
function controlCommands(files: MachineControl["files"]): Readonly<Record<string, ControlCommand>> {
  const command =
    (name: string): ControlCommand =>
    (words) =>
      files["control"]?.command?.([name, ...words].join(" "));
  return { modprobe: command("modprobe"), fault: command("fault"), uevent_fault: command("uevent_fault") };
}
