import { countDocstrings } from "./api/docstrings.ts";
import { wrongResultShapes } from "./api/result-shapes.ts";
import { walkApi } from "./api/walk.ts";
import { readRooms, workspaceRoot } from "./workspace.ts";

const rooms = readRooms(workspaceRoot).filter(({ manifest }) => manifest.private !== true);
const api = walkApi(rooms);
const { exports, numbers, throwing, problems } = countDocstrings(api);
const shapes = wrongResultShapes(api);
console.log(
  `${exports} exports, ${numbers} numbers, ${throwing} functions that throw; ${problems.length} say too little; ${shapes.length} results of another shape`,
);
for (const problem of [...problems, ...shapes]) console.error(problem);
process.exitCode = problems.length + shapes.length > 0 ? 1 : 0;
