import { cli } from "./cli.ts";
import { ExitCode } from "./exit-code.ts";
import { nodeHost } from "./node-host.ts";
import { reportError } from "./report-error.ts";

const host = nodeHost();

/** Ends what is open, so that no output is lost and no socket stays, and the process. */
function end(exitCode: ExitCode): never {
  for (const error of host.interrupt()) host.stderr.write(reportError(error, undefined).text);
  process.exit(exitCode);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => end(ExitCode.interrupted));
process.on("uncaughtException", (error) => {
  const { text, exitCode } = reportError(error, undefined);
  host.stderr.write(text);
  end(exitCode);
});
// A pipe may say only after the last write that it could not take it.
process.on("exit", () => {
  const { failure } = host.stdout;
  if (failure === undefined || process.exitCode !== ExitCode.done) return;
  host.stderr.write(reportError(failure, undefined).text);
  process.exitCode = ExitCode.failed;
});

process.exitCode = await cli(process.argv.slice(2), host);
