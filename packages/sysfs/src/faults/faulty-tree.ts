import { done, refused } from "@memhp/abi";
import type { ReadTree } from "../read-tree.ts";
import type { FileFaults } from "./file-faults.ts";

/**
 * Reading of a tree whose files fail on purpose. Paths are compared as they are given, so whoever follows links does that first;
 * `walk` sees the tree as it is.
 */
export function faultyReads(tree: ReadTree, faults: FileFaults): ReadTree {
  const hidden = (path: string): ReturnType<typeof refused> | undefined => {
    const refusal = faults.isEmpty ? undefined : faults.strike("lookup", path)?.refusal;
    return refusal === undefined ? undefined : refused(refusal);
  };
  return {
    ...tree,
    stat: (path) => hidden(path) ?? tree.stat(path),
    list(path) {
      const refusal = faults.isEmpty ? undefined : faults.strike("list", path)?.refusal;
      return refusal === undefined ? tree.list(path) : refused(refusal);
    },
    read(path) {
      const strike = faults.isEmpty ? undefined : faults.strike("read", path);
      if (strike?.refusal !== undefined) return refused(strike.refusal);
      return strike?.text === undefined ? tree.read(path) : done(strike.text);
    },
    readRange(path, offset, length) {
      const refusal = faults.isEmpty ? undefined : faults.strike("read", path)?.refusal;
      return refusal === undefined ? tree.readRange(path, offset, length) : Promise.resolve(refused(refusal));
    },
  };
}
