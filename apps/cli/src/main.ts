import { cli } from "./cli.ts";
import { ExitCode } from "./exit-code.ts";
import { nodeHost } from "./node-host.ts";
import { bugReport } from "./report-error.ts";

// Whoever reads the output may stop at any time (`memhp run … | head`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});
process.on("SIGINT", () => process.exit(ExitCode.interrupted));
process.on("uncaughtException", (error) => {
  process.stderr.write(bugReport(error, "memhp"));
  process.exit(ExitCode.failed);
});

process.exitCode = await cli(process.argv.slice(2), nodeHost());
