import { expect, test } from "vitest";
import { compareRuns, type Findings } from "./compare-runs.ts";

/** `MEMHP_RANDOM_SEEDS=1000-1999` tries others. */
function seeds(): readonly number[] {
  const [from = 1, to = 16] = (process.env["MEMHP_RANDOM_SEEDS"] ?? "").split("-").filter(Boolean).map(Number);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

test(
  "random runs with background work, unfinished ejects and signals: the same bytes however slow messages are, or the same error of a dead worker",
  { timeout: seeds().length * 5000 },
  async () => {
    const findings: Findings = { runs: 0, deaths: 0, errors: 0, wrong: [] };
    for (const seed of seeds()) await compareRuns(seed, findings);
    expect(findings.wrong).toEqual([]);
    expect(findings.errors).toBe(0);
    expect(findings.runs).toBe(5 * seeds().length);
    expect(findings.deaths).toBeGreaterThan(0);
  },
);
