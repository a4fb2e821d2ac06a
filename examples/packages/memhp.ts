import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const root = dirname(createRequire(import.meta.url).resolve("memhp/package.json"));
const command = join(root, "bin/memhp.js");
const memhp = (...words: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [command, ...words], { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
const dir = mkdtempSync(join(tmpdir(), "stranger-"));
try {
  const file = join(dir, "mine.yaml");
  writeFileSync(
    file,
    `format: memhp-scenario/1
name: mine
kernel: "6.12"
machine: { memory: 2G, slots: 4, maxmem: 8G, nodes: [] }
steps:
  - { op: dimm_add, id: d0, size: 256M }
  - { op: dimm_del, id: d0 }
`,
  );
  const run = memhp("run", "--json", file);
  const trace = JSON.parse(run.stdout) as { format: string; steps: unknown[] };
  console.log(run.status, trace.format, trace.steps.length);
  console.log(memhp("run", "--json", "--workers", "2", file).stdout === run.stdout);
  console.log(memhp("--help").stdout.includes("explain"), memhp("nonsense").status);
  console.log(memhp("kernels").stdout.includes("6.12"), memhp("examples").status, memhp("examples", "list").status);
} finally {
  rmSync(dir, { recursive: true });
}
/* prints
0 memhp-trace/1 2
true
true 2
true 0 0
*/
