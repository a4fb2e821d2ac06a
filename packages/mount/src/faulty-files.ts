import { faultyReads, type FileFaults, type ReadTree, type WriteAnswer } from "@memhp/sysfs";
import type { Call, ServedFiles } from "./filesystem/served-files.ts";

/**
 * Files that fail on purpose.
 * @param delay lets simulated time pass for whoever writes, unless they are signalled: then it answers false.
 */
export function faultyFiles(
  files: ServedFiles,
  tree: ReadTree,
  faults: FileFaults,
  delay: (ns: number, call: Call) => Promise<boolean>,
): ServedFiles {
  const faulty = faultyReads(tree, faults);
  return {
    stat: (path) => faulty.stat(path),
    list: (path) => faulty.list(path),
    readlink: (path) => files.readlink(path),
    read: (path) => faulty.read(path),
    readRange: (path, offset, length) => faulty.readRange(path, offset, length),
    async write(path, data, call): Promise<WriteAnswer> {
      const strike = faults.isEmpty ? undefined : faults.strike("write", path);
      if (strike === undefined) return files.write(path, data, call);
      if (strike.delayNs > 0 && !(await delay(strike.delayNs, call))) return { openErrno: 0, ret: -1, errno: "EINTR" };
      const { refusal } = strike;
      if (refusal === undefined) return files.write(path, data, call);
      return { openErrno: 0, ret: -1, errno: refusal.errno, refusal };
    },
  };
}

const NS_PER_MS = 1e6;

/** Delays on the wall clock, which the machine's follows at a speed. */
export function wallDelay(speed = 1): (ns: number, call: Call) => Promise<boolean> {
  return (ns, { signal }) =>
    new Promise((resolve) => {
      const stop = (): void => {
        clearTimeout(timer);
        resolve(false);
      };
      const timer = setTimeout(
        () => {
          signal.removeEventListener("abort", stop);
          resolve(true);
        },
        ns / NS_PER_MS / speed,
      );
      signal.addEventListener("abort", stop, { once: true });
    });
}
