import { memhp } from "./test-host.ts";

/** Runs every file it is given and prints a line of JSON for each; whoever started it kills it where one does not end. */
for (const file of process.argv.slice(2)) {
  const { exitCode, stderr } = await memhp(["run", "--quiet", file]);
  process.stdout.write(`${JSON.stringify({ exitCode, stderr })}\n`);
}
