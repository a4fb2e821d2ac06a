// `pnpm check`: everything a change must pass, one line per step. Every step runs, so one look shows all that is wrong.
import { spawnSync } from "node:child_process";
import { workspaceRoot } from "./workspace.ts";

const steps: readonly (readonly [name: string, command: string])[] = [
  ["format", "oxfmt --check"],
  // Before lint, whose rules about types read what this leaves in `dist`.
  ["types", "tsc -b tools"],
  ["lint", "oxlint"],
  ["unused code", "knip --no-config-hints"],
  ["floors", "node tools/ci/src/check-floors.ts"],
  ["kernels", "node tools/ci/src/check-kernels.ts"],
  ["build", "nx run-many -t build"],
  ["docstrings", "node tools/ci/src/check-docstrings.ts"],
  ["pictures", "node --conditions=@memhp/source docs/src/pictures/check.ts"],
  ["studies", "node --conditions=@memhp/source docs/src/studies/check.ts"],
  ["packages", "node tools/ci/src/check-packages.ts"],
  ["strangers", "node tools/ci/src/check-strangers.ts"],
  ["docs", "node --conditions=@memhp/source tools/ci/src/check-docs.ts"],
  ["browser", "node tools/ci/src/check-browser.ts && node tools/ci/src/check-views.ts"],
  ["tests", "node tools/ci/src/test.ts"],
];

const only = process.argv.slice(2);
const failures: string[] = [];
for (const [name, command] of steps) {
  if (only.length > 0 && !only.includes(name)) continue;
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, {
    shell: true,
    cwd: workspaceRoot,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok    " : "FAILED"}  ${name.padEnd(12)} ${seconds.padStart(5)} s`);
  if (status !== 0) {
    failures.push(name);
    process.stdout.write(`${stdout}${stderr}\n`);
  }
}
if (failures.length > 0) console.error(`failed: ${failures.join(", ")}`);
process.exitCode = failures.length > 0 ? 1 : 0;
