import { type FileFaults, parseFault } from "@memhp/sysfs";
import type { UeventFault, UeventFaults } from "@memhp/udev";

/** `fault PATH OPERATION …` (see `faultUsage`), `fault clear [ID]`. @returns what is wrong with it. */
export function faultCommand(faults: FileFaults, words: readonly string[]): string | undefined {
  if (words[0] === "clear") return clear(faults, words[1]);
  return refusing(() => {
    faults.add(parseFault(words));
  });
}

function clear(faults: FileFaults, id: string | undefined): string | undefined {
  if (id === undefined) {
    faults.remove();
    return undefined;
  }
  const removed = /^\d+$/.test(id) ? faults.remove(Number(id)) : 0;
  const known = faults.list().map((fault) => fault.id);
  return removed > 0 ? undefined : `no fault ${id} (there are: ${known.join(", ") || "none"})`;
}

const effects: readonly UeventFault["effect"][] = ["lost", "doubled"];

/** `uevent_fault ACTION DEVPATH lost|doubled [every=N] [times=N]`, `uevent_fault clear`. @returns what is wrong with it. */
export function ueventFaultCommand(faults: UeventFaults, words: readonly string[]): string | undefined {
  const [action = "", devpath = "", word = "", ...options] = words;
  if (action === "clear") {
    faults.clear();
    return undefined;
  }
  const effect = effects.find((each) => each === word);
  if (devpath === "" || effect === undefined)
    return `expected ACTION DEVPATH ${effects.join("|")} [every=N] [times=N], found ${words.join(" ")}`;
  const numbers: { every?: number; times?: number } = {};
  for (const option of options) {
    const [, name, value] = /^(every|times)=(\d+)$/.exec(option) ?? [];
    if (name !== "every" && name !== "times") return `${option} is not understood (expected every=N or times=N)`;
    numbers[name] = Number(value);
  }
  return refusing(() => faults.add({ action, devpath, effect, ...numbers }));
}

function refusing(add: () => void): string | undefined {
  try {
    add();
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}
