import { readSweep, type Sweep, type SweepDocument } from "../src/index.ts";

/** A small sweep, with parts of it replaced. */
export function sweepOf(parts: Partial<Record<keyof SweepDocument, unknown>> = {}): Sweep {
  return readSweep({ ...document, ...parts }, "test");
}

const document = {
  format: "memhp-sweep/1",
  parameters: { size: ["128M", "256M", "1G", "2G"] },
  seeds: { count: 2 },
  scenario: {
    kernel: "6.12",
    machine: {
      memory: "1G",
      smp: 1,
      slots: 4,
      maxmem: "8G",
      nodes: [],
      cmdline: "memhp_default_state=offline",
    },
    steps: [
      { op: "dimm_add", id: "d0", size: "512M" },
      { op: "online", blocks: "dimm:d0", type: "movable" },
      { op: "load", id: "db", kind: "anon", size: "100M", churn: 0.5 },
      { op: "wait", s: 3 },
      { op: "load", id: "program", kind: "anon", size: "{{size}}", label: "started" },
      { op: "wait", s: 2 },
      { op: "offline", blocks: "dimm:d0", label: "offlined" },
    ],
  },
  measures: {
    errno: { value: "steps.started.result.errno" },
    offlined: { value: "steps.offlined.result.offlined" },
    at: { value: "steps[-1].at_ns" },
    state: { value: "final.blocks" },
    zones: { value: "final.zones" },
    refusals: { refusals: "all" },
  },
};
