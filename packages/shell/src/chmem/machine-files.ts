import type { Machine } from "@memhp/machine";
import type { ChmemFiles } from "./chmem.ts";

/** A machine's files as chmem writes them. */
export function chmemFiles(machine: Machine): ChmemFiles {
  return {
    list: (path) => machine.files.list(path),
    read: (path) => machine.files.read(path),
    writeState: async (path, word) => machine.write(path, word),
  };
}
