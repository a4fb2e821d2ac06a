import { beforeAll, describe, expect, test } from "vitest";
import { judgeBlocks, Pass, type Verdict } from "../src/index.ts";
import { outcome, recordedHost, type RecordedHost, recordedNames, truthOf } from "./recorded.ts";

/** What a kernel would answer, in the words of the recordings. */
function errnoOf({ answer, refusal }: Verdict): string {
  return answer === "goes_offline" ? "0" : String(refusal?.errno ?? answer);
}

describe("hosts that were recorded with the truth about every block", () => {
  const hosts = new Map<string, RecordedHost>();
  beforeAll(async () => {
    for (const name of recordedNames) hosts.set(name, await recordedHost(name));
  });

  test.for(recordedNames)("%s: every block that is tried alone ends as foreseen", (name) => {
    const { memory, rules } = hosts.get(name) as RecordedHost;
    const { isolated } = truthOf(name);
    const said = Object.fromEntries(
      [...judgeBlocks(memory, rules)].filter(({ block }) => block in isolated).map((v) => [v.block, errnoOf(v)]),
    );
    const truth = Object.fromEntries(Object.entries(isolated).map(([block, text]) => [block, outcome(text).errno]));
    expect(said).toEqual(truth);
  });

  test("a pass over all blocks in order ends as foreseen for 98.5 of 100 blocks", () => {
    let right = 0;
    let total = 0;
    for (const [name, { memory, rules }] of hosts) {
      const pass = new Pass(memory, rules);
      for (const [block, text] of Object.entries(truthOf(name).blocks)) {
        const said = pass.judge(Number(block));
        if (said.answer === "goes_offline") pass.leave(Number(block), true);
        total++;
        if (errnoOf(said) === outcome(text).errno) right++;
      }
    }
    expect(total).toBe(776);
    expect(right / total).toBeGreaterThanOrEqual(0.985);
  });

  test("nine of ten pages that the kernel's log names are named, or others of their kind", () => {
    let right = 0;
    let total = 0;
    for (const [name, { memory, rules }] of hosts)
      for (const { block, refusal } of judgeBlocks(memory, rules)) {
        const { pfn, kind } = outcome(truthOf(name).isolated[block] ?? "");
        if (kind === undefined) continue;
        const named = refusal?.pages?.[0];
        total++;
        if (named?.pfn === pfn || named?.kind === kind) right++;
      }
    expect(total).toBe(170);
    expect(right / total).toBeGreaterThanOrEqual(0.9);
  });
});
