import { readFileSync } from "node:fs";
import { compareWithKernel, runRecorded } from "@memhp/recorded";
import { parseDocument } from "@memhp/scenario";
import { expect, test } from "vitest";
import { judgeHost } from "../src/host/judge-host.ts";
import type { RecordedHostTruth } from "../src/host/record-host.ts";

type Errno = { readonly errno: unknown };
const read = (path: string) => parseDocument(readFileSync(new URL(`../${path}`, import.meta.url), "utf8"), path);

test.for([
  "recorded/6.1-two-targets.json",
  "recorded/7.3-first-memory.json",
  "recorded/7.3-virtio-mem.json",
  "recorded/pseries-dimm.json",
  "recorded/arm64-blocks.json",
  "recorded/s390x-blocks.json",
])("memhp replays %s without a difference", async (file) => {
  const document = read(file);
  const { trace } = await runRecorded(document);
  const { total, matched, differences } = compareWithKernel(document, trace);
  expect(differences).toEqual([]);
  expect(matched).toBe(total);
  expect(total).toBeGreaterThan(document.steps.length / 2);
});

test.for(["7.3-first-memory", "7.3-virtio-mem", "pseries-dimm", "arm64-blocks", "s390x-blocks"])(
  "%s is a recording of its scenario",
  (name) => {
    const [scenario, trace] = [read(`scenarios/${name}.yaml`), read(`recorded/${name}.json`)];
    expect(trace.rawMachine).toEqual(scenario.rawMachine);
    expect(trace.steps.map(({ request }) => request)).toEqual(scenario.steps.map(({ request }) => request));
  },
);

test("the chain of nodes of 7.3 is in the recording: a node's first memory comes, its last goes", () => {
  const told = read("recorded/7.3-first-memory.json").steps.flatMap(({ recorded }) =>
    ((recorded?.["notifications"] ?? []) as { notifier: string; action: string; nid?: number }[]).filter(
      ({ notifier, action }) => notifier === "early" && action.startsWith("NODE_"),
    ),
  );
  expect(told.map(({ action, nid }) => `${action} ${nid}`)).toEqual([
    "NODE_ADDING_FIRST_MEMORY 1",
    "NODE_ADDED_FIRST_MEMORY 1",
    "NODE_REMOVING_LAST_MEMORY 1",
    "NODE_REMOVED_LAST_MEMORY 1",
  ]);
});

test("the recorded run is one of the scenario beside it", () => {
  const [scenario, trace] = [read("scenarios/two-targets.yaml"), read("recorded/6.1-two-targets.json")];
  expect(trace.machine).toEqual(scenario.machine);
  expect(trace.steps.map(({ request }) => request)).toEqual(scenario.steps.map(({ request }) => request));
  // It stays away from what no two boots share.
  expect(trace.steps.some(({ unmovablePages }) => unmovablePages)).toBe(false);
});

test("two boots of one kernel differ in where its own pages lie: no rule tells whether an offline meets them", () => {
  const boots = ["a", "b"].map((boot) => read(`recorded/6.1-del-offline-first-${boot}.json`));
  const [a, b] = boots.map(({ machine, kernel, steps }) => ({
    machine,
    kernel,
    steps: steps.map(({ request }) => request),
  }));
  expect(a).toEqual(b);
  // The first block of Normal, right after it came online.
  const errnos = boots.map(({ steps }) => steps[3]?.recorded?.["result"]).map((result) => (result as Errno).errno);
  expect(errnos).toEqual([0, "EBUSY"]);
});

test("the recorded host: what is said of each block is what its kernel did", async () => {
  const folder = new URL("../recorded/host-slab/", import.meta.url);
  const truth = JSON.parse(readFileSync(new URL("truth.json", folder), "utf8")) as RecordedHostTruth;
  const judged = await judgeHost(readFileSync(new URL("capture.tar.gz", folder)), truth);
  expect(judged).toEqual({ total: 10, matched: 10, differences: [] });
  // The slab that the load filled is what the kernel named in the first block of the DIMM's node.
  expect(truth.isolated[4]).toMatchObject({ errno: "EBUSY", offender: { why: "unmovable page" } });
  // It is no verdict on one answer: blocks went and stayed.
  expect(new Set(Object.values(truth.isolated).map(({ errno }) => errno))).toEqual(new Set(["0", "EBUSY", "EINVAL"]));
});

test("a truth that memhp does not share is a difference, with both", async () => {
  const folder = new URL("../recorded/host-slab/", import.meta.url);
  const truth = JSON.parse(readFileSync(new URL("truth.json", folder), "utf8")) as RecordedHostTruth;
  const isolated = { ...truth.isolated, 5: { errno: "EBUSY", zone: "DMA32" } };
  const judged = await judgeHost(readFileSync(new URL("capture.tar.gz", folder)), { ...truth, isolated });
  expect(judged).toEqual({ total: 10, matched: 9, differences: [{ block: 5, kernel: "EBUSY", memhp: "0" }] });
});

test("an eject without end: the file that waits for it is given up, and the guest goes on", () => {
  const { steps } = read("recorded/7.3-unending-eject.json");
  const answers = steps.map(({ recorded }) => recorded?.["result"]);
  expect(answers[3]).toMatchObject({ devices_left: ["d0"], ospm: [{ status: 132 }] });
  expect(answers.slice(4, 6)).toMatchObject([{ errno: 0, data: "going-offline\n" }, { errno: "ETIMEDOUT" }]);
  // The page is let go, and the DIMM with it.
  expect(steps[8]?.recorded).toMatchObject({
    uevents: [
      "offline@/devices/system/memory/memory32",
      "remove@/devices/system/memory/memory32",
      "remove@/devices/system/node/node1",
    ],
  });
  expect(answers[10]).toMatchObject({ errno: "ENOENT" });
});

test("s390x's storage increments of 1 MiB: what no other machine prints as phys_device", () => {
  const { steps } = read("recorded/s390x-blocks.json");
  expect(steps[3]?.recorded?.["result"]).toMatchObject({ data: "384\n" });
});
