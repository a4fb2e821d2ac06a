import { type Caller, checkedTask, type Result, type Task } from "@memhp/abi";
import { faultyReads, type FileFaults, type Tree, type WriteAnswer } from "@memhp/sysfs";
import { checkRead, checkWrite } from "./arguments.ts";

/** The files of a machine, for who looks and writes from outside. */
export interface MachineFiles extends Tree {
  write(path: string, data: string, caller?: Caller): Task<WriteAnswer>;
  readRange(path: string, offset: number, length: number): Task<Result<string>>;
}

/** The tree of a machine as a door: reads may fail on purpose, and who waits does so in a kernel thread of its own. */
export function machineFiles(
  tree: Tree,
  faults: FileFaults,
  start: <T>(name: string, body: () => Promise<T>, caller?: Caller) => Task<T>,
): MachineFiles {
  const reads = faultyReads(tree, faults);
  return {
    ...reads,
    write: (path, data, caller = {}) =>
      checkedTask(
        "files.write",
        () => checkWrite("files.write", path, data, caller),
        () => start(`write to ${path}`, () => tree.write(path, data, caller), caller),
      ),
    readRange: (path, offset, length) =>
      checkedTask(
        "files.readRange",
        () => checkRead("files.readRange", path, offset, length),
        () => start(`read of ${path}`, () => reads.readRange(path, offset, length)),
      ),
  };
}
