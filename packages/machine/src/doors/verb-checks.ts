import {
  callable,
  knownKeys,
  listOf,
  nonEmptyText,
  oneOf,
  onlineTypes,
  record,
  text,
  truth,
  wholeNumber,
} from "@memhp/abi";
import type { WithheldRange } from "@memhp/engine";
import type { AddMemoryOptions } from "../kernel/memory-hotplug.ts";
import { checkBlock, checkBlocks, checkCaller, checkInt, checkRange } from "./arguments.ts";

// What each verb of a machine is given, looked at before anything begins. All of them throw RangeError or TypeError.

export function checkOnline(block: unknown, type: unknown, caller: unknown): void {
  checkBlock("online: block", block);
  oneOf("online: type", type, [...onlineTypes, "remembered"]);
  checkCaller("online: caller", caller);
}

export function checkOffline(block: unknown, caller: unknown): void {
  checkBlock("offline: block", block);
  checkCaller("offline: caller", caller);
}

export function checkBulk(op: unknown, blocks: unknown, type: unknown, caller: unknown): void {
  oneOf("bulk: op", op, ["online", "offline"]);
  checkBlocks("bulk: blocks", blocks);
  oneOf("bulk: type", type, onlineTypes);
  checkCaller("bulk: caller", caller);
}

export function checkMarkUnmovable(blocks: unknown, unmovable: unknown): void {
  checkBlocks("markUnmovable: blocks", blocks);
  oneOf("markUnmovable: unmovable", unmovable, [true, false]);
}

export function checkRegisterNotifier(name: unknown, priority: unknown, callback: unknown): void {
  nonEmptyText("registerNotifier: name", name);
  checkInt("registerNotifier: priority", priority);
  callable("registerNotifier: callback", callback);
}

export function checkInspect(options: unknown): void {
  record("inspect", options);
  if (options["limit"] !== undefined) wholeNumber("inspect: limit", options["limit"]);
}

export function checkAt(atNs: unknown, name: unknown, run: unknown): void {
  wholeNumber("at: atNs", atNs, { unit: "nanoseconds" });
  nonEmptyText("at: name", name);
  callable("at: run", run);
}

const ADD: Readonly<Record<keyof AddMemoryOptions, true>> = {
  node: true,
  group: true,
  memmapOnMemory: true,
  groupIsRegistered: true,
  withheld: true,
  mergesResource: true,
  resourceName: true,
};

export function checkAdd(range: unknown, options: unknown): void {
  checkRange("add: range", range);
  record("add: options", options);
  knownKeys("add: options", options, Object.keys(ADD));
  // The kernel's `int nid`: it refuses -1 itself (6.1: l_add_memory_errnos).
  checkInt("add: options.node", options["node"]);
  if (options["group"] !== undefined) wholeNumber("add: options.group", options["group"], { most: 2 ** 31 - 1 });
  if (options["resourceName"] !== undefined) text("add: options.resourceName", options["resourceName"]);
  for (const name of ["memmapOnMemory", "groupIsRegistered", "mergesResource"] satisfies (keyof AddMemoryOptions)[])
    if (options[name] !== undefined) truth(`add: options.${name}`, options[name]);
  if (options["withheld"] !== undefined) listOf("add: options.withheld", options["withheld"], checkWithheld);
}

const WITHHELD: Readonly<Record<keyof WithheldRange, true>> = { startPfn: true, nrPages: true, owner: true };

function checkWithheld(place: string, range: unknown): void {
  record(place, range);
  knownKeys(place, range, Object.keys(WITHHELD));
  wholeNumber(`${place}.startPfn`, range["startPfn"], { unit: "pages" });
  wholeNumber(`${place}.nrPages`, range["nrPages"], { unit: "pages" });
  text(`${place}.owner`, range["owner"]);
}

export function checkLoadModule(name: unknown, words: unknown): void {
  nonEmptyText("loadModule: name", name);
  text("loadModule: words", words);
}
