// What public exports say of themselves; what they answer where something is refused; and the tables of READMEs, which `--write` makes anew.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { countDocstrings } from "./api/docstrings.ts";
import { exportsSection, hasExports, withExports } from "./api/readme-exports.ts";
import { wrongResultShapes } from "./api/result-shapes.ts";
import { walkApi } from "./api/walk.ts";
import { readRooms, workspaceRoot } from "./workspace.ts";

const isWriting = process.argv.includes("--write");
const rooms = readRooms(workspaceRoot).filter(({ manifest }) => manifest.private !== true);
const api = walkApi(rooms);
const { exports, numbers, throwing, problems } = countDocstrings(api);
const shapes = wrongResultShapes(api);
const tables = rooms.flatMap(({ folder, manifest: { name } }) => {
  const own = api.filter(
    ({ entry, exports: each }) => (entry === name || entry.startsWith(`${name}/`)) && each.length > 0,
  );
  if (own.length === 0) return [];
  const file = join(workspaceRoot, folder, "README.md");
  const readme = readFileSync(file, "utf8");
  const section = exportsSection(own);
  if (hasExports(readme, section)) return [];
  const mended = withExports(readme, section);
  if (!isWriting || mended === undefined)
    return [`${folder}/README.md: its table of exports is not what there is (check docstrings --write makes it anew)`];
  writeFileSync(file, mended);
  return [];
});
console.log(
  `${exports} exports, ${numbers} numbers, ${throwing} functions that throw; ${problems.length} say too little; ${shapes.length} results of another shape; ${tables.length} READMEs with another table`,
);
for (const problem of [...problems, ...shapes, ...tables]) console.error(problem);
process.exitCode = problems.length + shapes.length + tables.length > 0 ? 1 : 0;
