// The pictures of the READMEs, against what is drawn from the data today: `node --conditions=@memhp/source docs/src/pictures/check.ts [--write]`.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../generate/root.ts";
import { pictures } from "./draw.ts";

const isWriting = process.argv.includes("--write");
const problems: string[] = [];
for (const { file, svg, alt } of pictures()) {
  const path = join(root, file);
  if (isWriting) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, svg);
  } else if (!existsSync(path) || readFileSync(path, "utf8") !== svg)
    problems.push(`${file} is not what is drawn today`);
  const readme = join(dirname(dirname(path)), "README.md");
  if (!readFileSync(readme, "utf8").includes(`![${alt}](pictures/`)) problems.push(`${readme} does not show ${file}`);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
