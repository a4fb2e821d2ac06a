import type { Machine } from "@memhp/machine";
import type { ServedFiles } from "./filesystem/served-files.ts";

/**
 * The files of a machine; a signal reaches whoever waits for the hotplug lock, and whose offline is under way.
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
    write(path, data, { signal, pid }) {
      begin();
      // The signal comes when it comes.
      return machine.write(path, data, { name: `process ${pid}`, signal, signalAtNs: Number.POSITIVE_INFINITY });
    },
  };
}
