import { parseCommandLine } from "./arguments/arguments.ts";
import { columns, commandHelp } from "./arguments/help.ts";
import { commands } from "./commands.ts";
import { UsageError } from "./errors.ts";
import { ExitCode } from "./exit-code.ts";
import type { Host } from "./host.ts";
import { reportError } from "./report-error.ts";
import { version } from "./text/version.ts";

/** The whole command line program, without a process around it. */
export async function cli(given: readonly string[], host: Host): Promise<ExitCode> {
  const [name, ...rest] = given[0] === "help" && given[1] !== undefined ? [given[1], "--help"] : given;
  const known = name !== undefined && Object.hasOwn(commands, name) ? name : undefined;
  try {
    if (name === "--version" || name === "-V") {
      host.stdout.write(`memhp ${await version()}\n`);
      return ExitCode.done;
    }
    if (name === "--help" || name === "-h" || name === "help") {
      host.stdout.write(overview());
      return ExitCode.done;
    }
    if (name === undefined) {
      host.stderr.write(overview());
      return ExitCode.usage;
    }
    const entry = known === undefined ? undefined : commands[known];
    if (entry === undefined) {
      const what = name.startsWith("-") ? "option" : "command";
      throw new UsageError(`unknown ${what} ${JSON.stringify(name)} (commands: ${Object.keys(commands).join(", ")})`);
    }
    const command = await entry.load();
    const parsed = parseCommandLine(command.spec, rest);
    if (parsed.flag("help")) {
      host.stdout.write(commandHelp(command.spec));
      return ExitCode.done;
    }
    return await command.run(parsed, host);
  } catch (error) {
    const { text, exitCode } = reportError(error, known);
    host.stderr.write(text);
    return exitCode;
  }
}

function overview(): string {
  const rows = Object.entries(commands).map(([name, { about }]) => [name, about] as const);
  return `A laboratory for Linux memory hotplug.

Usage: memhp COMMAND [options]

${columns(rows)}
Use 'memhp COMMAND --help' for the options of a command, 'memhp --version' for the version.
`;
}
