import { spawn } from "node:child_process";
import { access, chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Where programs look for a machine's memory, and the devices that it is of: links of a bus lead to them, and what is written to an `eject`,
 * to a driver of dax or to `nr_hugepages` is not to reach the host's. What the host does not have stays away: nothing can be made in its /sys.
 */
const DIRECTORIES = [
  "/sys/devices/system/memory",
  "/sys/devices/system/node",
  "/sys/devices/system/container",
  "/sys/devices/LNXSYSTM:00",
  "/sys/devices/platform",
  "/sys/bus/memory",
  "/sys/bus/node",
  "/sys/bus/acpi",
  "/sys/bus/container",
  "/sys/bus/dax",
  "/sys/kernel/debug",
  "/sys/kernel/mm/hugepages",
  "/sys/module/memory_hotplug",
  "/sys/firmware/acpi/hotplug",
  "/sys/firmware/memmap",
];

/** A program that is run where a machine's files stand at their real paths. */
export interface NamespaceCommand {
  /** Directory of the mount, as `MEMHP` in the environment. */
  readonly mount: string;
  /** Files of /proc that the machine has: `/proc/meminfo`. */
  readonly procFiles: readonly string[];
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How a program in a mount namespace ended. */
export interface NamespaceAnswer {
  /** Exit code of the program. */
  readonly status: number;
  /** What of the machine has no place on this host. */
  readonly missing: readonly string[];
}

/**
 * Runs a program in a mount namespace of its own, in which the machine's files stand at their real paths. Nobody else sees them.
 * `modprobe memory-notifier-error-inject`, `mount -t debugfs` and `udevadm monitor` speak of the machine there.
 */
export async function runInNamespace(options: NamespaceCommand): Promise<NamespaceAnswer> {
  const { mount, procFiles, command, env } = options;
  const wanted = [...DIRECTORIES, ...procFiles];
  const there = await Promise.all(wanted.map(exists));
  const served = await Promise.all(wanted.map((path) => exists(`${mount}${path}`)));
  const bound = wanted.filter((_, i) => there[i] === true && served[i] === true);
  const missing = wanted.filter((_, i) => there[i] === false && served[i] === true);
  const shims = await mkdtemp(join(tmpdir(), "memhp-bin-"));
  try {
    await writeShims(shims);
    const binds = bound.map((path) => `mount --bind ${quoted(`${mount}${path}`)} ${quoted(path)}`);
    const script = `${binds.join(" && ") || ":"} && exec "$@"`;
    const status = await run(["-m", "--", "sh", "-c", script, "sh", ...command], {
      ...env,
      MEMHP: mount,
      PATH: `${shims}:${env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"}`,
    });
    return { status, missing };
  } finally {
    await rm(shims, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function run(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn("unshare", args, { stdio: "inherit", env: { ...env } });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** Programs that would speak to the host's kernel. */
const shims: Readonly<Record<string, string>> = {
  modprobe: `case "$*" in
*memory*notifier*error*inject*|*virtio?mem*|*virtio?balloon*|*kmem*) echo "modprobe $*" > "$MEMHP/.memhp/control" ;;
*) REAL "$@" ;;
esac`,
  udevadm: `case "$1" in
monitor) printf '%s\\n' "monitor will print the received events for:" "KERNEL - the kernel uevent" ""
  exec cat "$MEMHP/.memhp/monitor" ;;
settle) exit 0 ;;
*) REAL "$@" ;;
esac`,
  mount: `case "$*" in
"-t debugfs") echo "debugfs on /sys/kernel/debug type debugfs (rw,nosuid,nodev,noexec,relatime)" ;;
*) REAL "$@" ;;
esac`,
};

async function writeShims(directory: string): Promise<void> {
  for (const [name, body] of Object.entries(shims)) {
    const path = join(directory, name);
    // The program of this name that comes behind it in the path.
    const real = `PATH="\${PATH#*:}" exec ${name}`;
    await writeFile(path, `#!/bin/sh\n${body.replace("REAL", real)}\n`);
    await chmod(path, 0o755);
  }
}
