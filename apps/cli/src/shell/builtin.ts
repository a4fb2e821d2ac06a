import {
  type ControlCommand,
  type MachineControl,
  machineControl,
  machineFiles,
  type ServedFiles,
  withControlFiles,
} from "@memhp/mount";
import type { Machine } from "@memhp/machine";
import type { Host } from "../host.ts";
import { completions } from "./complete.ts";
import { cat, cd, echo, ls, pwd, tree } from "./files.ts";
import { machineCommands, machineUsage } from "./machine-commands.ts";
import type { PromptCommand, Session } from "./session.ts";
import { blocks, chmem, lsmem } from "./tools.ts";
import { LineError, parseLine } from "./words.ts";

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

/** Lines typed at a machine. @returns the status of the last one. */
class Prompt {
  readonly #session: Session;
  readonly #machineCommands: Readonly<Record<string, ControlCommand>>;
  #status = 0;

  constructor(session: Session, machineSide: Readonly<Record<string, ControlCommand>>) {
    this.#session = session;
    this.#machineCommands = machineSide;
  }

  get status(): number {
    return this.#status;
  }

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

/** The prompt on the terminal, or for the lines of standard input. @param command one line instead. @returns the last status. */
export async function builtinPrompt(machine: Machine, host: Host, command: string | undefined): Promise<number> {
  const control = machineControl(machine, machineCommands(machine));
  const interrupted = new AbortController();
  const session: Session = {
    machine,
    files: withControlFiles(patientFiles(machine), control.files),
    call: { signal: interrupted.signal, pid: 0, uid: 0 },
    directory: "/sys/devices/system/memory",
    print: (text) => host.stdout.write(text),
    warn: (text) => host.stderr.write(text),
  };
  const prompt = new Prompt(session, { ...machineCommands(machine, session.print), ...controlCommands(control.files) });
  try {
    if (command === undefined) await host.prompt(prompt);
    else for (const line of command.split(/[\n;]/)) if (!(await prompt.line(line))) break;
  } finally {
    control.stop();
  }
  return prompt.status;
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
