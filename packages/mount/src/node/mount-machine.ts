import { knownOptions } from "@memhp/abi";
import { LiveClock, type Machine } from "@memhp/machine";
import { withControlFiles } from "../control-files.ts";
import { type ControlCommand, machineControl } from "../machine-control.ts";
import { machineFiles } from "../machine-files.ts";
import { type Mount, serveFiles, type ServeOptions } from "./serve.ts";

/** How a machine is mounted. */
export interface MountOptions extends ServeOptions {
  /** Commands of `DIR/.memhp/control` besides `modprobe`, `fault` and `uevent_fault`. */
  readonly commands?: Readonly<Record<string, ControlCommand>>;
  /**
   * Simulated seconds for each second of the wall clock: an offline that takes two minutes then takes two minutes. Undefined: while
   * somebody works, time passes as fast as the work goes; while nobody does, as the wall clock does.
   */
  readonly speed?: number;
}

const NS_PER_MS = 1e6;

const OPTIONS: Readonly<Record<keyof MountOptions, true>> = {
  commands: true,
  speed: true,
  seconds: true,
  isPolled: true,
  stuckSeconds: true,
  onBug: true,
};

/**
 * Serves /sys and /proc of a machine as `DIR/sys` and `DIR/proc`, for programs that know nothing of memhp. Linux only, with
 * permission to mount. The machine stays the caller's: unmounting does not close it.
 * @throws MountUnavailable with what to do about it.
 */
export async function mountMachine(machine: Machine, directory: string, options: MountOptions = {}): Promise<Mount> {
  knownOptions("mountMachine: options", options, OPTIONS);
  const { speed, commands, ...serving } = options;
  const clock = new LiveClock(machine, { speed, wallNs: () => performance.now() * NS_PER_MS });
  const control = machineControl(machine, commands);
  const files = withControlFiles(
    machineFiles(machine, () => clock.begin()),
    control.files,
  );
  const mount = await serveFiles(files, directory, serving).catch((error: unknown) => {
    clock.stop();
    control.stop();
    throw error;
  });
  let isTold = false;
  const stop = machine.listen((event) => {
    if (event.type !== "uevent" || event.action !== "remove" || isTold) return;
    isTold = true;
    // Once for a whole DIMM, when all its blocks are gone.
    setImmediate(() => {
      isTold = false;
      mount.forgetVanished();
    });
  });
  void mount.gone.finally(() => {
    stop();
    control.stop();
    clock.stop();
  });
  return mount;
}
