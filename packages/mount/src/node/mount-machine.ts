import type { Machine } from "@memhp/machine";
import type { FileFaults } from "@memhp/sysfs";
import { withControlFiles } from "../control-files.ts";
import { faultyFiles, wallDelay } from "../faulty-files.ts";
import { fileFaults } from "../file-faults.ts";
import { LiveClock } from "../live-clock.ts";
import { type ControlCommand, machineControl } from "../machine-control.ts";
import { machineFiles } from "../machine-files.ts";
import { type Mount, serveFiles, type ServeOptions } from "./serve.ts";

export interface MountOptions extends ServeOptions {
  /** What files do wrong on purpose: `fileFaults(seed)`. None unless told otherwise, here or by `DIR/.memhp/control`. */
  readonly faults?: FileFaults;
  /** Commands of `DIR/.memhp/control` besides `modprobe`, `fault` and `uevent_fault`. */
  readonly commands?: Readonly<Record<string, ControlCommand>>;
  /**
   * Simulated seconds for each second of the wall clock: an offline that takes two minutes then takes two minutes. Undefined: time
   * passes as fast as the work goes, and who waits for what never comes waits all the same.
   */
  readonly speed?: number;
}

const NS_PER_MS = 1e6;

/**
 * Serves /sys and /proc of a machine as `DIR/sys` and `DIR/proc`, for programs that know nothing of memhp. Linux only, with
 * permission to mount. The machine stays the caller's: unmounting does not close it.
 * @throws MountUnavailable with what to do about it.
 */
export async function mountMachine(machine: Machine, directory: string, options: MountOptions = {}): Promise<Mount> {
  const { speed } = options;
  const clock =
    speed === undefined ? undefined : new LiveClock(machine, { speed, wallNs: () => performance.now() * NS_PER_MS });
  const faults = options.faults ?? fileFaults(0);
  const control = machineControl(machine, faults, options.commands);
  const served = machineFiles(machine, () => clock?.hold());
  const files = withControlFiles(faultyFiles(served, machine.files, faults, wallDelay(speed)), control.files);
  const mount = await serveFiles(files, directory, options).catch((error: unknown) => {
    clock?.stop();
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
    clock?.stop();
  });
  return mount;
}
