import { readFileSync } from "node:fs";
import { bootMachine, offlineOutlook, parseMachineSpec } from "@memhp/machine";
import { readDocument, runDocument } from "@memhp/scenario";
import { expect, test } from "vitest";
import { readTrace, traceIds, traceText } from "../src/index.ts";

interface Told {
  readonly removable: unknown;
  readonly zones: unknown;
}

/** What a `snapshot` or `state` step of 4.1 tells of each block. */
function toldOf(op: unknown, result: unknown): Map<string, Told> {
  const told = new Map<string, Told>();
  if (op === "snapshot") {
    const { memory } = result as { memory?: { blocks: Record<string, Record<string, unknown>> } };
    for (const [name, { removable, valid_zones }] of Object.entries(memory?.blocks ?? {}))
      told.set(name.slice("memory".length), { removable: String(removable).trim(), zones: String(valid_zones).trim() });
  } else if (op === "state") {
    const { blocks } = result as { blocks: Record<string, readonly unknown[]> };
    for (const [block, [, zones, removable]] of Object.entries(blocks))
      told.set(block, { removable: String(removable), zones });
  }
  return told;
}

/** A recorded run up to its first step, without what it tells of the kernel's pages. */
function firstStep(id: string): ReturnType<typeof readDocument> | undefined {
  const { given: _given, steps, ...raw } = JSON.parse(traceText(id)) as { given?: unknown; steps: readonly object[] };
  const [first] = steps as readonly { readonly step: { readonly op: string }; readonly result: unknown }[];
  if (first === undefined || first.result === null || toldOf(first.step.op, first.result).size === 0) return undefined;
  return readDocument({ ...raw, steps: [first] }, id);
}

test("removable and valid_zones of boot blocks of 4.1, nothing given: at least 99 of 100 are the kernel's", async () => {
  let blocks = 0;
  const wrong: string[] = [];
  for (const id of traceIds().filter((each) => each.startsWith("4.1"))) {
    const document = firstStep(id);
    if (document === undefined) continue;
    const { trace } = await runDocument(document);
    const kernel = toldOf(document.steps[0]?.request.op, readTrace(id).steps[0]?.recorded?.["result"]);
    const ours = toldOf(document.steps[0]?.request.op, trace.steps[0]?.result);
    for (const [block, told] of kernel) {
      blocks++;
      if (JSON.stringify(ours.get(block)) !== JSON.stringify(told)) wrong.push(`${id} memory${block}`);
    }
  }
  expect(blocks).toBeGreaterThan(1200);
  expect(wrong.slice(Math.floor(blocks * 0.01))).toEqual([]);
});

interface Host {
  readonly name: string;
  readonly kernel: string;
  readonly machine: unknown;
  readonly outcomes: Readonly<Record<string, string | number>>;
}

/** Idle hosts, and the recorded runs that try all blocks of one from the highest down. */
function hosts(): Host[] {
  const file = readFileSync(new URL("../idle-hosts.json", import.meta.url), "utf8");
  const recorded = ["6.1", "6.12"].map((kernel): Host => {
    const id = `${kernel}/c_all_boot_offline`;
    const { machine, steps } = JSON.parse(traceText(id)) as { machine: unknown; steps: readonly Tried[] };
    const tried = steps.filter(({ step }) => step.op === "block" && step.v === "offline");
    const outcomes = Object.fromEntries(tried.map(({ step, result }) => [step.n, result.errno]));
    return { name: id, kernel, machine, outcomes };
  });
  return [...(JSON.parse(file) as { hosts: Host[] }).hosts, ...recorded];
}

interface Tried {
  readonly step: { readonly op: string; readonly n: string; readonly v: string };
  readonly result: { readonly errno: string | number };
}

test("which boot blocks of idle 6.x hosts go offline, nothing given: at least 93 of 100 are the kernel's", async () => {
  let blocks = 0;
  const wrong: string[] = [];
  for (const { name, kernel, machine: spec, outcomes } of hosts()) {
    const machine = await bootMachine(parseMachineSpec(spec), { kernel });
    const ids = Object.keys(outcomes).map(Number);
    for (const { block, refusal } of await offlineOutlook(machine, ids)) {
      blocks++;
      if ((refusal?.errno ?? 0) !== outcomes[String(block)]) wrong.push(`${name} memory${block}`);
    }
    await machine.close();
  }
  expect(blocks).toBe(96);
  // The kernel's image: KASLR puts it where no file outside the machine tells.
  expect(wrong.slice(Math.floor(blocks * 0.07))).toEqual([]);
});
