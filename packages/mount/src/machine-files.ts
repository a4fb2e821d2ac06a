import type { Machine } from "@memhp/machine";
import type { ServedFiles } from "./filesystem/served-files.ts";

/** The files of a machine; a signal reaches whoever waits for the hotplug lock, and whose offline is under way. */
export function machineFiles(machine: Machine): ServedFiles {
  const { files } = machine;
  return {
    stat: (path) => files.stat(path),
    list: (path) => files.list(path),
    readlink: (path) => files.readlink(path),
    read: (path) => files.read(path),
    readRange: (path, offset, length) => files.readRange(path, offset, length),
    // The signal comes when it comes.
    write: (path, data, { signal, pid }) =>
      machine.write(path, data, { name: `process ${pid}`, signal, signalAtNs: Number.POSITIVE_INFINITY }),
  };
}
