import { expect, test } from "vitest";
import { PerfettoTrace, readDocument, runDocument, type TraceEvent } from "../src/index.ts";

async function traceOf(steps: readonly object[]): Promise<readonly TraceEvent[]> {
  const machine = { machine: "q35", memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes: [] };
  const document = readDocument({ format: "memhp-scenario/1", kernel: "6.12", machine, steps }, "test");
  const perfetto = new PerfettoTrace();
  await runDocument(document, { onEvent: (event) => perfetto.add(event) });
  return perfetto.finish().traceEvents;
}

const hotplug = [
  { op: "dimm_add", id: "d0", size: "256M" },
  { op: "offline", blocks: "dimm:d0" },
  { op: "online", blocks: "dimm:d0", type: "movable" },
  { op: "dimm_del", id: "d0" },
];

test("each block has a track whose slices are its states, one after another without overlap", async () => {
  const events = await traceOf(hotplug);
  const track = events.find((event) => event.ph === "M" && event.args?.["name"] === "memory32");
  const slices = events.filter((event) => event.ph === "X" && event.pid === track?.pid && event.tid === track?.tid);
  expect(slices.map((slice) => slice.name)).toEqual(
    expect.arrayContaining(["online", "offline", "going_offline.migrating", "going_online.populating"]),
  );
  let end = 0;
  for (const slice of slices) {
    expect(slice.ts).toBeCloseTo(end, 6);
    end = (slice.ts ?? 0) + (slice.dur ?? 0);
  }
});

test("zones are counters, and a firmware notify flows through blocks and notifiers", async () => {
  const events = await traceOf(hotplug);
  const movable = events
    .filter((event) => event.ph === "C" && event.name === "zone Movable")
    .map((event) => event.args?.["present"]);
  expect(movable).toEqual([32_768, 65_536, 32_768, 0]);
  const starts = events.filter((event) => event.ph === "s");
  expect(starts).toHaveLength(2);
  for (const { id } of starts) {
    const steps = events.filter((event) => event.ph === "t" && event.id === id);
    expect(steps.some((step) => (step.tid ?? 0) >= 100)).toBe(true);
    expect(steps.some((step) => step.tid === 1)).toBe(true);
  }
});

test("every entry is of the Trace Event Format: known phase, named tracks, times from 0, flows inside a slice or on an instant's track", async () => {
  const events = await traceOf([{ op: "load", id: "db", kind: "anon", size: "64M" }, ...hotplug]);
  const tracks = new Set(
    events.filter((event) => event.name === "thread_name").map((event) => `${event.pid}.${event.tid}`),
  );
  const processes = new Set(events.filter((event) => event.name === "process_name").map((event) => event.pid));
  for (const event of events) {
    expect(["M", "X", "i", "C", "s", "t", "f"]).toContain(event.ph);
    expect(processes.has(event.pid)).toBe(true);
    if (event.ph === "M") continue;
    expect(event.ts).toBeGreaterThanOrEqual(0);
    if (event.tid !== undefined) expect(tracks.has(`${event.pid}.${event.tid}`)).toBe(true);
    if (event.ph === "X") expect(event.dur).toBeGreaterThan(0);
    if (event.ph === "s" || event.ph === "t") expect(event.id).toBeGreaterThan(0);
  }
  expect(() => JSON.stringify(events)).not.toThrow();
});
