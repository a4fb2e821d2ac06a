import type { Machine } from "@memhp/machine";
import type { WriteAnswer } from "@memhp/sysfs";
import type { Call, ServedFiles } from "./filesystem/served-files.ts";

const interrupted: WriteAnswer = { openErrno: 0, ret: -1, errno: "EINTR" };

/**
 * The files of a machine; whoever writes to one may be interrupted.
 * @param begin hears of each write before it begins.
 */
export function machineFiles(machine: Machine, begin: () => void = () => {}): ServedFiles {
  const { files } = machine;
  return {
    stat: (path) => files.stat(path),
    list: (path) => files.list(path),
    readlink: (path) => files.readlink(path),
    read: (path) => files.read(path),
    readRange: (path, offset, length) => files.readRange(path, offset, length),
    write(path, data, call) {
      begin();
      return writeInterruptibly(machine, path, data, call);
    },
  };
}

function writeInterruptibly(machine: Machine, path: string, data: string, { signal }: Call): Promise<WriteAnswer> {
  let began = false;
  const writing = machine.write(path, data, {
    // The signal comes when it comes.
    signalAtNs: Number.POSITIVE_INFINITY,
    isGone: () => signal.aborted,
    began: () => {
      began = true;
    },
  });
  const signalled = new Promise<WriteAnswer>((resolve) => {
    signal.addEventListener(
      "abort",
      () => {
        // Who only waits for the lock must not take the signal to the one who holds it.
        if (began) void machine.signal();
        else resolve(interrupted);
      },
      { once: true },
    );
  });
  return Promise.race([writing, signalled]);
}
