import { countDocstrings } from "./api/docstrings.ts";
import { walkApi } from "./api/walk.ts";
import { readRooms, workspaceRoot } from "./workspace.ts";

const rooms = readRooms(workspaceRoot).filter(({ manifest }) => manifest.private !== true);
const { exports, numbers, throwing, problems } = countDocstrings(walkApi(rooms));
console.log(
  `${exports} exports, ${numbers} numbers, ${throwing} functions that throw; ${problems.length} say too little`,
);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
