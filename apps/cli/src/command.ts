import type { Arguments } from "./arguments/arguments.ts";
import type { CommandSpec } from "./arguments/command-spec.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Host } from "./host.ts";

/** A command: how it is called, and what it does with what it was given. */
export interface Command {
  readonly spec: CommandSpec;
  run(args: Arguments, host: Host): Promise<ExitCode>;
}
