// Runs vitest, then prints the totals alone on the last line: `N passed, N failed, N skipped`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryFolder } from "./memory-folder.ts";
import { countTests, formatTotals } from "./test-totals.ts";
import { workspaceRoot } from "./workspace.ts";

const temp = mkdtempSync(join(tmpdir(), "memhp-test-"));
const report = join(temp, "report.json");

const { status } = spawnSync(
  process.execPath,
  [
    join(workspaceRoot, "node_modules/vitest/vitest.mjs"),
    "run",
    "--config=tools/ci/vitest.config.ts",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  {
    cwd: workspaceRoot,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      // Sources are stripped of types and compiled once, not by each process that runs tests and by each that a test starts.
      NODE_COMPILE_CACHE: join(workspaceRoot, "node_modules/.cache/compiled"),
      TMPDIR: process.env["TMPDIR"] ?? memoryFolder() ?? tmpdir(),
    },
  },
);

const totals = countTests(readReport());
rmSync(temp, { recursive: true });
process.stdout.write(`\n${formatTotals(totals)}\n`);
process.exitCode = status === 0 && totals.failed === 0 ? 0 : 1;

function readReport(): string | undefined {
  try {
    return readFileSync(report, "utf8");
  } catch {
    return undefined;
  }
}
