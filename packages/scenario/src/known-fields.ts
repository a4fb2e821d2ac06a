/** Operands of each op, as the JSON Schema lists them; a test compares the two. Every step may have `expect` and `given` besides. */
export const operandsOfOp: Readonly<Record<string, readonly string[]>> = {
  dimm_add: ["id", "size", "node", "addr", "slot"],
  dimm_del: ["id", "wait"],
  container: ["id", "action", "notify"],
  block: ["n", "v", "file", "background", "timeout_ms"],
  write: ["path", "data", "background", "timeout_ms"],
  load: ["id", "kind", "size", "node", "nodes", "policy", "pin", "churn", "for"],
  unload: ["id"],
  unpin: ["id"],
  signal: ["to"],
  probe: ["addr"],
  memlog: ["data"],
  read: ["path", "offset", "length"],
  tree: ["path", "depth"],
  state: [],
  snapshot: [],
  online: ["blocks", "type"],
  offline: ["blocks", "type"],
  inject: ["action", "errno"],
  insmod: ["mod", "args"],
  wait: ["ms", "s"],
  sleep: ["s"],
};

/** Fields of a scenario, and of its `machine`. */
export const scenarioFields: readonly string[] = [
  "$schema",
  "format",
  "name",
  "about",
  "kernel",
  "seed",
  "machine",
  "given",
  "steps",
];
export const machineFields: readonly string[] = [
  "arch",
  "machine",
  "memory",
  "maxmem",
  "slots",
  "smp",
  "cpu",
  "cmdline",
  "block_size",
  "extra",
  "distances",
  "containers",
  "reserve_off",
  "nodes",
  "dimms",
];

/** What is wrong with the names in an object: the first that is not known, and which are. Undefined where all are. */
export function unknownField(raw: Readonly<Record<string, unknown>>, known: readonly string[]): string | undefined {
  const name = Object.keys(raw).find((key) => !known.includes(key));
  return name === undefined ? undefined : `${name} is not known (allowed: ${known.join(", ")})`;
}
