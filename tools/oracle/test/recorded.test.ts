import { readFileSync } from "node:fs";
import { compareWithKernel, runRecorded } from "@memhp/recorded";
import { parseDocument } from "@memhp/scenario";
import { expect, test } from "vitest";

type Errno = { readonly errno: unknown };
const read = (path: string) => parseDocument(readFileSync(new URL(`../${path}`, import.meta.url), "utf8"), path);

test("memhp replays the recorded run of Debian's 6.1 kernel without a difference", async () => {
  const document = read("recorded/6.1-two-targets.json");
  const { trace } = await runRecorded(document);
  const { total, matched, differences } = compareWithKernel(document, trace);
  expect(differences).toEqual([]);
  expect(matched).toBe(total);
  expect(total).toBe(document.steps.length);
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
