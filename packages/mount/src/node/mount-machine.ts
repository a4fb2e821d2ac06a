import type { Machine } from "@memhp/machine";
import { machineFiles } from "../machine-files.ts";
import { type Mount, serveFiles, type ServeOptions } from "./serve.ts";

/**
 * Serves /sys and /proc of a machine as `DIR/sys` and `DIR/proc`, for programs that know nothing of memhp. Linux only, with
 * permission to mount. The machine stays the caller's: unmounting does not close it.
 * @throws MountUnavailable with what to do about it.
 */
export async function mountMachine(machine: Machine, directory: string, options: ServeOptions = {}): Promise<Mount> {
  const mount = await serveFiles(machineFiles(machine), directory, options);
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
  void mount.gone.then(stop);
  return mount;
}
