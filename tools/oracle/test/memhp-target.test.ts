import { readFileSync } from "node:fs";
import { parseMachineSpec } from "@memhp/machine";
import { asRecorded } from "@memhp/recorded";
import { parseDocument } from "@memhp/scenario";
import { expect, onTestFinished, test } from "vitest";
import { type TraceId, traceText } from "../../conformance/src/index.ts";
import { compareRecordings } from "../src/compare.ts";
import { startMemhp } from "../src/memhp/memhp-target.ts";
import { record, type RecordedTrace } from "../src/record.ts";
import type { Target } from "../src/target.ts";

const oracle = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

async function recordOnMemhp(text: string): Promise<RecordedTrace> {
  const document = asRecorded(parseDocument(text, "test"));
  const target = await startMemhp(document);
  try {
    return await record(document, target);
  } finally {
    await target.close();
  }
}

async function boot(): Promise<Target> {
  const target = await startMemhp({
    machine: parseMachineSpec({ machine: "q35", memory: "2G", slots: 2, maxmem: "8G" }),
    kernel: "6.1",
  });
  onTestFinished(() => target.close());
  return target;
}

test("one driver, two targets: memhp answers the scenario as Debian's 6.1 kernel in QEMU did", async () => {
  const kernel = JSON.parse(oracle("recorded/6.1-two-targets.json")) as RecordedTrace;
  const memhp = await recordOnMemhp(oracle("scenarios/two-targets.yaml"));
  expect(memhp.steps.map(({ step }) => step)).toEqual(kernel.steps.map(({ step }) => step));
  const { total, matched, differences } = compareRecordings(kernel, memhp);
  expect(differences).toEqual([]);
  expect(total).toBe(kernel.steps.length);
  expect(matched).toBe(total);
});

/** Recorded by others, with another recorder: DIMMs of all sizes, vetoes, auto-online, nodes that come and go. */
const traces: readonly TraceId[] = [
  "6.1/b_dimm_odd_sizes",
  "6.1/c_load_anon_movable",
  "6.1/c_oom_offline",
  "6.1/c_pinned_page",
  "6.1/e_boot_dimm",
  "6.1/e_many_dimms",
  "6.1/f_auto_online_movable",
  "6.1/f_params",
  "6.1/g_state_errnos",
  "6.1/h_inject_lastnode",
  "6.1/j_absent_node_4",
  "6.1/x_acpi_hotplug_profile",
  "6.1/x_going_offline",
  "6.12/b_two_nodes_interleaved",
  "6.12/e_del_movable",
  "6.12/h_inject_lastnode",
];

test.each(traces)("%s, driven through QMP, comes out as the real kernel", async (id) => {
  const text = traceText(id);
  const recorded = JSON.parse(text) as RecordedTrace;
  const { total, matched, differences } = compareRecordings(recorded, await recordOnMemhp(text));
  expect(differences).toEqual([]);
  expect(total).toBeGreaterThan(0);
  expect(matched).toBe(total);
});

test("a difference is found", async () => {
  const memhp = await recordOnMemhp(oracle("scenarios/two-targets.yaml"));
  const kernel = JSON.parse(oracle("recorded/6.1-two-targets.json")) as RecordedTrace;
  const steps = kernel.steps.map((step, i) => (i === 7 ? { ...step, uevents: ["offline@/x"] } : step));
  const { total, matched, differences } = compareRecordings({ ...kernel, steps }, memhp);
  expect(total - matched).toBe(1);
  expect(differences).toMatchObject([{ step: 7, what: "uevents" }]);
});

test("the monitor refuses what QEMU refuses", async () => {
  const { monitor } = await boot();
  const backend = { "qom-type": "memory-backend-ram", id: "m", size: 134217728 };
  expect(await monitor.execute("object-add", backend)).toMatchObject({ return: {} });
  expect(await monitor.execute("object-add", backend)).toMatchObject({
    error: { desc: "attempt to add duplicate property 'm' to object (type 'container')" },
  });
  expect(await monitor.execute("device_add", { driver: "pc-dimm", id: "d" })).toMatchObject({
    error: { desc: "'memdev' property must be set" },
  });
  expect(await monitor.execute("device_add", { driver: "pc-dimm", id: "d", memdev: "m" })).toMatchObject({
    return: {},
  });
  expect(await monitor.execute("device_add", { driver: "pc-dimm", id: "e", memdev: "m" })).toMatchObject({
    error: { desc: "can't use already busy memdev: m" },
  });
  expect(await monitor.execute("object-del", { id: "m" })).toMatchObject({
    error: { desc: "object 'm' is in use, can not be deleted" },
  });
  expect(await monitor.execute("query-memory-size-summary")).toEqual({
    return: { "base-memory": 2147483648, "plugged-memory": 134217728 },
  });
  expect(await monitor.execute("device_del", { id: "d" })).toMatchObject({ return: {} });
  expect(await monitor.execute("object-del", { id: "m" })).toMatchObject({ return: {} });
});

test("a module that memhp does not have is no module", async () => {
  const { guest } = await boot();
  expect(await guest.insmod("nvdimm", "")).toBe("ENOENT");
  expect(await guest.insmod("memory-notifier-error-inject", "priority=5")).toBe(0);
});
