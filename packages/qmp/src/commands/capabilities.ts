import { Arguments, asList, asWord } from "../arguments.ts";
import { CommandError } from "../command-error.ts";
import type { Command } from "./command.ts";

/** Offered in the greeting. None of the commands may run out of band, so enabling it changes the error texts only. */
export const CAPABILITIES: readonly string[] = ["oob"];

export const qmpCapabilities: Command = (given, { negotiate }) => {
  const args = new Arguments(given);
  const enabled = args.optional("enable", (value, name) =>
    asList(value, name).map((word, i) => asWord(CAPABILITIES, word, `${name}[${i}]`, "null")),
  );
  args.end();
  if (!negotiate(enabled ?? [])) {
    throw new CommandError("Capabilities negotiation is already complete, command ignored", "CommandNotFound");
  }
  return {};
};
