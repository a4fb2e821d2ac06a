import { checkFloors } from "./floor-rules.ts";
import { FLOORS } from "./floors.ts";
import { workspaceRoot } from "./workspace.ts";

const violations = checkFloors(workspaceRoot, FLOORS);
for (const { where, rule, message } of violations) console.error(`${where}: ${rule}: ${message}`);
process.exitCode = violations.length > 0 ? 1 : 0;
