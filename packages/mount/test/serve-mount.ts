// A process that serves a mount at argv[2] until it is ended.
import { mountMachine } from "../src/node/index.ts";
import { machineWithDimm } from "./machine.ts";

process.on("SIGINT", () => process.exit(130));
const mount = await mountMachine(await machineWithDimm(), process.argv[2] ?? "");
process.stdout.write(`${mount.wasStale ? "cleaned" : "mounted"}\n`);
