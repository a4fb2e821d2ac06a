// A process that does what it must not: it reads a file of its own mount, and waits for itself.
import { readFileSync } from "node:fs";
import { mountMachine } from "../src/node/index.ts";
import { machineWithDimm } from "./machine.ts";

const directory = process.argv[2] ?? "";
await mountMachine(await machineWithDimm(), directory, { stuckSeconds: 1 });
try {
  readFileSync(`${directory}/sys/devices/system/memory/memory32/state`);
} catch (error) {
  process.stdout.write(`${(error as NodeJS.ErrnoException).code}\n`);
}
process.exit();
