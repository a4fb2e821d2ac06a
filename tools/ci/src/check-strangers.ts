// The packages as a stranger meets them: packed, installed into bare projects with their declared peers, and used by programs that are
// type-checked with the oldest and newest TypeScript, run on every Node that is supported, and bundled.
// `node tools/ci/src/check-strangers.ts [PACKAGE…] [--keep]`; `pnpm check strangers` does it for all.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packRooms } from "./stranger/pack.ts";
import { linesOf } from "./stranger/program.ts";
import { runPrograms } from "./stranger/run-programs.ts";
import { typecheck } from "./stranger/typecheck.ts";
import { createProjects } from "./stranger/workspace-of-strangers.ts";
import { readRooms, workspaceRoot } from "./workspace.ts";

const MIN_LINES = 20;

const words = process.argv.slice(2);
const keep = words.includes("--keep");
const only = words.filter((word) => !word.startsWith("--"));
const published = readRooms(workspaceRoot).filter(({ manifest }) => manifest.private !== true);
const chosen = published.filter(({ folder }) => only.length === 0 || only.some((name) => folder.endsWith(`/${name}`)));

const root = mkdtempSync(join(tmpdir(), "memhp-strangers-"));
const problems: string[] = [];
try {
  const tarballs = packRooms(published, join(root, "tarballs"));
  const projects = createProjects(root, chosen, tarballs);
  for (const { name, programs, undeclared } of projects) {
    problems.push(...undeclared.map((problem) => `${name}: ${problem}`));
    const own = programs.filter((program) => !program.name.startsWith("readme-"));
    if (!own.some(({ code }) => linesOf(code) >= MIN_LINES)) problems.push(`${name}: no program of ${MIN_LINES} lines`);
  }
  problems.push(...typecheck(root, projects));
  const outcomes = await runPrograms(root, projects);
  for (const { project, program, where, problem } of outcomes)
    if (problem !== undefined) problems.push(`${project}/${program}.ts, ${where}: ${problem}`);
  console.log(
    `${projects.length} packages, ${outcomes.length} runs of ${projects.flatMap(({ programs }) => programs).length} programs`,
  );
} finally {
  if (keep) console.log(root);
  else rmSync(root, { recursive: true });
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
