import { mkdtemp, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SimEvent } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import { logLine } from "@memhp/mount";
import { mountAvailable, mountMachine, MountUnavailable, runInNamespace } from "@memhp/mount/node";
import type { Arguments } from "../arguments/arguments.ts";
import type { Command } from "../command.ts";
import type { ExitCode } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { clockNote, clockOptions, clockSpeed } from "../input/clock-speed.ts";
import { machineNote, machineOptions, onMachineOf } from "../input/machine-source.ts";
import { type EndInspection, inspectAlongside, inspectOptions } from "../readers/inspector.ts";
import { serveAlongside } from "../serve/serve-alongside.ts";
import { serveOptions } from "../serve/serve-options.ts";
import { machineCommands, Prompt } from "@memhp/shell";

export const shell: Command = {
  spec: {
    name: "shell",
    about:
      "On Linux with permission to mount: your own shell, in which the machine's files stand at their real paths. Elsewhere, or with --builtin: a prompt of its own.",
    operands: { name: "FILE", min: 0, max: 1 },
    options: {
      command: {
        short: "c",
        value: "COMMAND",
        about: "Run one command (without --builtin: by sh), and end as it does",
      },
      builtin: { about: "The built-in prompt" },
      quiet: { short: "q", about: "Do not show uevents and the kernel's log as they come" },
      ...clockOptions,
      ...serveOptions,
      ...inspectOptions,
      ...machineOptions,
    },
    notes: [
      "In your own shell nobody else sees the machine; /sys/devices/system/memory, /sys/devices/system/node, /sys/bus/memory, /sys/bus/dax, /sys/kernel/debug, /proc/meminfo and others are the machine's, and so is what modprobe of its modules acts on and udevadm monitor tells. $MEMHP is where all of it is mounted; what is written to $MEMHP/.memhp/control is a command of the built-in prompt.",
      "The built-in prompt says what it knows with help.",
      clockNote,
      machineNote,
      "Exit code: that of the shell or the command.",
    ],
  },
  run(args, host) {
    const speed = clockSpeed(args);
    const mountable = mountAvailable();
    const isBuiltin = args.flag("builtin") || !mountable.ok;
    if (!mountable.ok && !args.flag("builtin"))
      host.stderr.write(`memhp shell: the built-in prompt, because ${mountable.why}\n`);
    return onMachineOf(args.operands[0], args, host, async (machine) => {
      const stop = args.flag("quiet") ? () => {} : machine.listen((event) => tell(event, host));
      const served = await serveAlongside(args, host);
      served?.room.attach("shell", machine);
      let endInspection: EndInspection | undefined;
      try {
        endInspection = await inspectAlongside(args, machine, host);
        const own = isBuiltin ? undefined : await ownShell(machine, args, host, speed);
        return (own ?? (await builtinPrompt(machine, host, args.text("command")))) as ExitCode;
      } finally {
        await endInspection?.();
        await served?.close();
        stop();
      }
    });
  },
};

function tell(event: SimEvent, { stderr }: Host): void {
  const line = logLine(event);
  if (line !== undefined) stderr.write(`${line}\n`);
  if (event.type === "uevent") stderr.write(`uevent: ${event.action}@${event.devpath}\n`);
}

/** Undefined where this process may open /dev/fuse and may not mount. */
async function ownShell(
  machine: Machine,
  args: Arguments,
  host: Host,
  speed: number | undefined,
): Promise<number | undefined> {
  const directory = await mkdtemp(join(tmpdir(), "memhp-"));
  try {
    const mount = await mountMachine(machine, directory, {
      seconds: Math.floor(Date.now() / 1000),
      commands: machineCommands(machine),
      ...(speed === undefined ? {} : { speed }),
    });
    try {
      const command = args.text("command");
      const program = host.env["SHELL"] ?? "sh";
      const { status, missing } = await runInNamespace({
        mount: mount.directory,
        procFiles: procFiles(machine),
        command: command === undefined ? [program] : ["sh", "-c", command],
        env: host.env,
      });
      for (const path of missing)
        host.stderr.write(`memhp shell: this host has no ${path}; the machine's is ${mount.directory}${path}\n`);
      return status;
    } finally {
      await mount.unmount();
    }
  } catch (error) {
    if (!(error instanceof MountUnavailable)) throw error;
    host.stderr.write(`memhp shell: the built-in prompt, because ${error.message}\n`);
    return undefined;
  } finally {
    await rmdir(directory).catch(() => {});
  }
}

/** Each file of the machine's /proc, by its path. */
function procFiles({ files }: Machine): string[] {
  return [...files.walk("/proc")].filter(({ kind }) => kind === "file").map(({ path }) => path);
}

/** The prompt on the terminal, or for the lines of standard input. @param command lines instead. @returns the last status. */
async function builtinPrompt(machine: Machine, host: Host, command: string | undefined): Promise<number> {
  const prompt = new Prompt(machine, {
    print: (text) => host.stdout.write(text),
    warn: (text) => host.stderr.write(text),
  });
  try {
    if (command === undefined) await host.prompt(prompt);
    else for (const line of command.split(/[\n;]/)) if (!(await prompt.line(line))) break;
  } finally {
    prompt.close();
  }
  return prompt.status;
}
