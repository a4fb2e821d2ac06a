import { closeSync, openSync } from "node:fs";

/** Something that a mount needs is not there; the message says what to do. */
export class MountUnavailable extends Error {
  override readonly name = "MountUnavailable";
}

const FUSE = "/dev/fuse";
const WITH_NAMESPACE = "run it as root, or in a namespace of your own: unshare -rm";

/** Opens the kernel's end of a new connection. @throws MountUnavailable */
export function openFuse(): number {
  if (process.platform !== "linux")
    throw new MountUnavailable("a mount needs Linux; here, use `memhp shell --builtin`");
  try {
    return openSync(FUSE, "r+");
  } catch (error) {
    throw new MountUnavailable(whyNot(error as NodeJS.ErrnoException), { cause: error });
  }
}

function whyNot({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT" || code === "ENODEV" || code === "ENXIO")
    return `${FUSE} is not there: load the module (modprobe fuse), or start the container with --device ${FUSE} --cap-add SYS_ADMIN`;
  if (code === "EACCES" || code === "EPERM")
    return `${FUSE} may not be opened: ${WITH_NAMESPACE}; in a container, give it --device ${FUSE} --cap-add SYS_ADMIN`;
  return `${FUSE} cannot be opened: ${message}`;
}

/** What mount(8) said, as something to do. */
export function mountRefused(directory: string, said: string): MountUnavailable {
  const isForbidden = /permission denied|must be superuser|not permitted/i.test(said);
  return new MountUnavailable(
    isForbidden ? `${directory}: mounting is not allowed: ${WITH_NAMESPACE}` : `${directory}: ${said.trim()}`,
  );
}

/** Whether this process could mount, and why not. */
export function mountAvailable(): { readonly ok: true } | { readonly ok: false; readonly why: string } {
  try {
    closeSync(openFuse());
    return { ok: true };
  } catch (error) {
    return { ok: false, why: (error as Error).message };
  }
}
