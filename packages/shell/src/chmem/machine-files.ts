import type { Machine } from "@memhp/machine";
import type { ChmemFiles } from "./chmem.ts";

/** A machine's files as chmem writes them. */
export function chmemFiles(machine: Machine): ChmemFiles {
  return {
    list: (path) => machine.files.list(path),
    read: (path) => machine.files.read(path),
    async writeState(path, word) {
      const { openErrno, errno } = await machine.write(path, word);
      return openErrno === 0 ? errno : openErrno;
    },
  };
}
