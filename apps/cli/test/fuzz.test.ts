import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { checkScenario, type Finding } from "@memhp/sweep/fuzz";
import { runFuzz } from "@memhp/sweep/node";
import { memhp } from "./test-host.ts";

// Both do their work, but where a test has them find something.
vi.mock("@memhp/sweep/fuzz", { spy: true });
vi.mock("@memhp/sweep/node", { spy: true });

const folder = mkdtempSync(join(tmpdir(), "memhp-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true }));

const finding: Finding = {
  law: "files",
  step: 0,
  what: "there is a DIMM\nand more",
  tried: 17,
  ofSteps: 69,
  scenario: {
    format: "memhp-scenario/1",
    name: "fuzz 6.1 9",
    kernel: "6.1",
    seed: 4,
    machine: { memory: "512M", smp: 1, nodes: [], slots: 1, maxmem: "1G" },
    steps: [{ op: "dimm_add", id: "d0", size: "128M" }],
  },
};

test("random runs are counted; the same seed gives the same counts, and nothing is written where nothing is found", async () => {
  const out = join(folder, "none");
  const args = ["fuzz", "--kernel", "6.12", "--ops", "40", "--seed", "3", "--workers", "0", "--out", out, "--json"];
  const { stdout, exitCode, stderr } = await memhp(args);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ format: "memhp-fuzz/1", seed: 3, kernels: ["6.12"], findings: [], lost: [] });
  expect(report.counts.operations).toBeGreaterThanOrEqual(40);
  expect([exitCode, stderr, existsSync(out)]).toEqual([0, "", false]);
  const watched = await memhp(args.slice(0, -1), { stderrIsTerminal: true });
  expect(watched.stdout).toContain(`${report.counts.operations} operations in ${report.counts.cases} runs (seed 3;`);
  expect(watched.stderr).toMatch(/operations in \d+ runs, 0 broke a law, about \d+ s left/);
});

test("a finding is a file that says what it shows, and shows it again", async () => {
  const out = join(folder, "found");
  vi.mocked(runFuzz).mockImplementationOnce(async ({ onResult }) => {
    onResult({ number: 0, kernel: "6.1", seed: 9, operations: { wait: 3 }, refused: 0, checks: {}, finding });
  });
  const found = await memhp(["fuzz", "--kernel", "6.1", "--ops", "1", "--out", out]);
  const [file = ""] = readdirSync(out);
  expect([found.exitCode, found.stderr]).toEqual([1, `memhp fuzz: files: ${join(out, file)}\n`]);
  const text = readFileSync(join(out, file), "utf8");
  expect(text).toMatch(/^# This breaks a law of memhp: files, seen after step 0\.\n# there is a DIMM\n# and more\n/);
  vi.mocked(checkScenario).mockImplementationOnce(async (scenario) => ({
    scenario,
    refused: 0,
    operations: {},
    checks: {},
    broken: finding,
  }));
  const again = await memhp(["fuzz", join(out, file)]);
  expect(again).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("files does not hold after step 0") });
  expect(vi.mocked(checkScenario).mock.lastCall?.[0]).toEqual(finding.scenario);
  expect(await memhp(["fuzz", join(out, file)])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("every law held over 1 steps"),
  });
  expect(await memhp(["run", join(out, file), "--quiet"])).toMatchObject({ exitCode: 0, stderr: "" });
});

test.each([
  [["--time", "soon"], /--time: expected a time such as 90s, 10m or 8h, found "soon"/],
  [["--kernel", "2.4"], /--kernel: "2\.4" is not known \(allowed: 4\.1, .*7\.2-ppc64el, .*4\.1-sh\)/],
  [["--ops", "x"], /--ops: expected a whole number/],
  [["nothing.yaml"], /nothing\.yaml: /],
  [["x.yaml", "--seed", "1"], /--seed is for random runs/],
])("memhp fuzz %s is refused", async (args, message) => {
  const { exitCode, stderr, stdout } = await memhp(["fuzz", ...args]);
  expect([exitCode, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(message);
});
