// The texts of the shipped studies, against what their sweeps give today, which takes minutes:
// `node --conditions=@memhp/source docs/src/studies/check.ts [--write]`.
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseSweep } from "@memhp/sweep";
import { root } from "../generate/root.ts";
import { studyText, tableOf } from "./text.ts";

const isWriting = process.argv.includes("--write");
const folder = join(root, "packages/sweep/studies");
const files = globSync("*.yaml", { cwd: folder }).toSorted();
const problems: string[] = [];
for (const file of files) {
  const name = basename(file, ".yaml");
  const { document } = parseSweep(readFileSync(join(folder, file), "utf8"), file);
  const path = join(folder, `${name}.md`);
  const before = readFileSync(path, "utf8");
  const text = studyText(before, document, tableOf(swept(name)));
  if (text === before) continue;
  if (isWriting) writeFileSync(path, text);
  else problems.push(`packages/sweep/studies/${name}.md is not what memhp sweep ${name} gives today`);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

function swept(name: string): string {
  const memhp = ["--conditions=@memhp/source", join(root, "apps/cli/src/main.ts")];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...memhp, "sweep", name], { encoding: "utf8" });
  if (status !== 0) throw new Error(`memhp sweep ${name} ended with ${String(status)}: ${stderr}`);
  return stdout;
}
