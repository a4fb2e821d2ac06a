import { done, type Result } from "@memhp/abi";
import type { DlparPort } from "@memhp/devices";
import type { MemoryHotplug } from "./memory-hotplug.ts";

/** What a message of the kernel's log is written to. */
type Log = (text: string) => void;

const hex = (value: number): string => value.toString(16);
const drcIndex = (start: number, lmbBytes: number): string => hex(0x8000_0000 + start / lmbBytes);

/** The kernel's DLPAR code, pseries-hotplug-mem: LMBs one after the other (observed-newer §3). @param memory is there once the machine is. */
export function dlparOf(memory: () => MemoryHotplug, lmbBytes: number, log: Log): DlparPort {
  const say = (text: string): void => log(`pseries-hotplug-mem: ${text}`);
  const lmbs = (range: { readonly start: number; readonly end: number }): number[] =>
    Array.from({ length: (range.end - range.start) / lmbBytes }, (_, i) => range.start + i * lmbBytes);

  async function addOne(start: number, node: number): Promise<Result<void>> {
    const range = { start, size: lmbBytes };
    const added = await memory().addMemory(range, { node, memmapOnMemory: true });
    if (!added.ok) return added;
    for (const block of memory().blocksOf(range)) {
      const online = await memory().online(block, "remembered");
      if (!online.ok) return online;
    }
    return done(undefined);
  }

  async function removeOne(start: number, node: number): Promise<Result<void>> {
    const range = { start, size: lmbBytes };
    for (const block of memory().blocksOf(range)) {
      const offline = await memory().offline(block);
      if (!offline.ok) return offline;
    }
    return memory().removal.removeMemory(range, node);
  }

  return {
    addOne,
    removeOne,
    async add(range, node) {
      const starts = lmbs(range);
      say(`Attempting to hot-add ${starts.length} LMB(s) at index ${drcIndex(range.start, lmbBytes)}`);
      for (const [i, start] of starts.entries()) {
        const result = await addOne(start, node);
        if (result.ok) continue;
        say("Memory indexed-count-add failed, removing any added LMBs");
        for (const added of starts.slice(0, i)) await removeOne(added, node);
        return result;
      }
      for (const start of starts) say(`Memory at ${hex(start)} (drc index ${drcIndex(start, lmbBytes)}) was hot-added`);
      return done(undefined);
    },
    async remove(range, node) {
      const starts = lmbs(range);
      say(`Attempting to hot-remove ${starts.length} LMB(s) at ${drcIndex(range.start, lmbBytes)}`);
      for (const [i, start] of starts.entries()) {
        const result = await removeOne(start, node);
        if (result.ok) continue;
        say("Memory indexed-count-remove failed, adding any removed LMBs");
        for (const gone of starts.slice(0, i)) await addOne(gone, node);
        return { ...result, gone: i };
      }
      for (const start of starts)
        say(`Memory at ${hex(start)} (drc index ${drcIndex(start, lmbBytes)}) was hot-removed`);
      return { ...done(undefined), gone: starts.length };
    },
  };
}
