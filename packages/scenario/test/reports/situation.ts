import { readDocument, runDocument, type TraceStep } from "../../src/index.ts";

type Steps = readonly object[];

/** What somebody met and reported: the machine, what was done, and what each step must answer, or the whole must say. */
export type Situation = readonly [what: string, kernel: string, machine: object, steps: Steps, answers: Steps];

/** Runs the steps as a scenario does. */
export async function runSteps(kernel: string, machine: object, steps: Steps): Promise<readonly TraceStep[]> {
  const document = readDocument({ format: "memhp-scenario/1", name: "test", kernel, machine, steps }, "test");
  return (await runDocument(document)).trace.steps;
}

export const read = (path: string): object => ({ op: "read", path });
export const write = (path: string, data: string): object => ({ op: "write", path, data });
export const memlog = (data: string): object => ({ op: "memlog", data });
export const block = (n: string | number, v: string): object => ({ op: "block", n, v });
export const dimm = (id: string, size: string, more: object = {}): object => ({ op: "dimm_add", id, size, ...more });
export const unplug = (id: string): object => ({ op: "dimm_del", id });
export const load = (id: string, kind: string, size: string, more: object = {}): object => ({
  op: "load",
  id,
  kind,
  size,
  ...more,
});

export const says = (data: string): object => ({ result: { data: `${data}\n` } });
export const done = { result: { errno: 0 } };
export const refuses = (errno: string, code?: string): object => ({
  refusal: { errno, ...(code !== undefined && { code }) },
});
/** Whatever it is. */
export const any = {};

/** A guest of 2G with room for DIMMs, which nobody onlines by itself. */
export const guest = {
  memory: "2G",
  slots: 4,
  maxmem: "8G",
  smp: 2,
  nodes: [],
  cmdline: "memhp_default_state=offline",
};
