import { plainMembers, type QmpValue } from "../json/plain.ts";
import type { PlainValue } from "../json/value.ts";
import type { QmpPort } from "../port.ts";
import type { Awaitable, QmpResult } from "../result.ts";
import { CommandError } from "../command-error.ts";
import { andThen, type Command } from "./command.ts";

/**
 * A command that a program adds to its monitors. It judges its arguments itself: a refusal is a result, what it throws counts as a bug.
 * Other clients wait while it runs, so it answers at once and tells by events what comes of it.
 */
export type QmpCommand = (
  args: Readonly<Record<string, QmpValue>>,
  port: QmpPort,
) => Awaitable<QmpResult<QmpValue> | QmpResult>;

/** Commands of a program, by name. One of memhp's own names takes its place. */
export type QmpCommands = Readonly<Record<string, QmpCommand>>;

export function ownCommand(command: QmpCommand): Command {
  return (given, { port }) =>
    andThen(command(plainMembers(given), port), (result): PlainValue => {
      if (!result.ok) throw CommandError.of(result.refusal);
      return result.value ?? {};
    });
}
