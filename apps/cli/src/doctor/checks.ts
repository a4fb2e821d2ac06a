import { accessSync, closeSync, constants, openSync, readSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { Worker } from "node:worker_threads";

/** What this computer allows. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** What was found. */
  readonly found: string;
  /** What memhp needs it for. */
  readonly for: string;
  /** What would help, where it is not there. */
  readonly remedy?: string;
}

/** Looks, and changes nothing. */
export async function examine(): Promise<Finding[]> {
  return [node(), await workers(), root(), fuse(), memoryBlocks(), kpageflags(), redis()];
}

const OLDEST_NODE = [20, 19] as const;

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return {
    name: "node",
    ok,
    found: `Node ${process.versions.node} on ${process.platform} ${process.arch}`,
    for: "everything",
    ...(ok ? {} : { remedy: `install Node ${OLDEST_NODE.join(".")} or newer` }),
  };
}

async function workers(): Promise<Finding> {
  const about = { name: "workers", for: "--workers N" };
  const processors = availableParallelism();
  try {
    const worker = new Worker("", { eval: true });
    await new Promise((resolve, reject) => worker.once("exit", resolve).once("error", reject));
    return { ...about, ok: true, found: `worker threads start; ${processors} processors` };
  } catch (error) {
    return { ...about, ok: false, found: String(error), remedy: "leave --workers out" };
  }
}

function root(): Finding {
  const ok = process.getuid?.() === 0;
  return {
    name: "root",
    ok,
    found: ok ? "this is root" : "this is not root",
    for: "mount, and page flags of this host",
    ...(ok ? {} : { remedy: "sudo; for mount a namespace of your own does: unshare -rm memhp mount …" }),
  };
}

function fuse(): Finding {
  const ok = isAccessible("/dev/fuse", constants.R_OK | constants.W_OK);
  return {
    name: "fuse",
    ok,
    found: ok ? "/dev/fuse can be opened" : "/dev/fuse is not there, or not for this user",
    for: "memhp mount",
    ...(ok ? {} : { remedy: "modprobe fuse; in a container: --device /dev/fuse --cap-add SYS_ADMIN" }),
  };
}

function memoryBlocks(): Finding {
  const ok = isAccessible("/sys/devices/system/memory/block_size_bytes", constants.R_OK);
  return {
    name: "memory blocks",
    ok,
    found: ok ? "/sys/devices/system/memory is there" : "this kernel shows no memory blocks",
    for: "memhp explain /sys",
    ...(ok ? {} : { remedy: "run it on a host whose kernel has CONFIG_MEMORY_HOTPLUG (not in most containers)" }),
  };
}

function kpageflags(): Finding {
  const ok = canRead("/proc/kpageflags");
  return {
    name: "kpageflags",
    ok,
    found: ok ? "/proc/kpageflags can be read" : "/proc/kpageflags cannot be read",
    for: "pages of this host",
    ...(ok ? {} : { remedy: "root, and a kernel with CONFIG_PROC_PAGE_MONITOR" }),
  };
}

function redis(): Finding {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const path = folders.map((folder) => join(folder, "redis-server")).find((each) => isAccessible(each, constants.X_OK));
  const ok = path !== undefined;
  return {
    name: "redis",
    ok,
    found: path ?? "no redis-server on the PATH",
    for: "sweeps over several computers",
    ...(ok ? {} : { remedy: "install redis-server, or name one that runs elsewhere with --redis" }),
  };
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** Its mode says little: the kernel may refuse at open, or at the first read. */
function canRead(path: string): boolean {
  try {
    const fd = openSync(path, "r");
    try {
      return readSync(fd, Buffer.alloc(8)) === 8;
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}
