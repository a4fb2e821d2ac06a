import { mountMachine, MountUnavailable } from "@memhp/mount/node";
import type { Command } from "../command.ts";
import { InputError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import { clockNote, clockOptions, clockSpeed } from "../input/clock-speed.ts";
import { machineNote, machineOptions, onMachineOf } from "../input/machine-source.ts";
import { type EndInspection, inspectAlongside, inspectOptions } from "../readers/inspector.ts";
import { serveAlongside } from "../serve/serve-alongside.ts";
import { serveOptions } from "../serve/serve-options.ts";
import { machineCommands, machineUsage } from "@memhp/shell";

export const mount: Command = {
  spec: {
    name: "mount",
    about:
      "Serves the machine's files at DIR/sys and DIR/proc, for unmodified tools, until it is interrupted or unmounted.",
    operands: { name: "DIR [FILE]", min: 1, max: 2 },
    options: { ...machineOptions, ...clockOptions, ...serveOptions, ...inspectOptions },
    notes: [
      machineNote,
      clockNote,
      `DIR/.memhp/control takes commands, a line each: ${Object.values(machineUsage).join("; ")}. DIR/.memhp/uevents, log, faults and error show what their names say; who reads DIR/.memhp/monitor waits for the next uevent.`,
      "Linux only. Needs /dev/fuse and permission to mount: root, or a namespace of your own (unshare -rm memhp mount …).",
      "Exit codes: 0 when DIR was unmounted, 130 when interrupted, 2 where DIR cannot be mounted over.",
    ],
  },
  async run(args, host) {
    const [directory = "", file] = args.operands;
    const speed = clockSpeed(args);
    return onMachineOf(file, args, host, async (machine) => {
      const served = await serveAlongside(args, host);
      served?.room.attach(directory, machine);
      let endInspection: EndInspection | undefined;
      try {
        endInspection = await inspectAlongside(args, machine, host);
        const mounted = await mountMachine(machine, directory, {
          commands: machineCommands(machine),
          seconds: Math.floor(Date.now() / 1000),
          ...(speed === undefined ? {} : { speed }),
        });
        if (mounted.wasStale) host.stderr.write(`memhp mount: ${directory}: a dead mount was taken away first\n`);
        host.stderr.write(`memhp mount: ${machine.kernel.id} at ${mounted.directory}/sys and /proc\n`);
        const isInterrupted = await Promise.race([host.interrupted().then(() => true), mounted.gone.then(() => false)]);
        if (isInterrupted) await mounted.unmount();
        return isInterrupted ? ExitCode.interrupted : ExitCode.done;
      } catch (error) {
        if (error instanceof MountUnavailable) throw new InputError(error.message, { cause: error });
        throw error;
      } finally {
        await endInspection?.();
        await served?.close();
      }
    });
  },
};
