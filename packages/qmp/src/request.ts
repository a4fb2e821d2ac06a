import { CommandError } from "./command-error.ts";
import type { JsonMessage } from "./json/message.ts";
import { JsonObject, type JsonValue } from "./json/value.ts";

/** A command as it was sent. */
export interface Request {
  readonly name: string;
  readonly outOfBand: boolean;
  readonly arguments: JsonObject;
}

/**
 * The members of a command (qapi/qmp-dispatch.c, qmp_dispatch_check_obj), judged in the order of QEMU's hash table.
 * @throws CommandError
 */
export function readRequest(value: JsonValue, oobEnabled: boolean): Request {
  if (!(value instanceof JsonObject)) throw new CommandError("QMP input must be a JSON object");
  let command: { key: string; name: string } | undefined;
  let args = new JsonObject();
  for (const [key, member] of value.entries()) {
    if (key === "execute" || (key === "exec-oob" && oobEnabled)) {
      if (typeof member !== "string") throw new CommandError(`QMP input member '${key}' must be a string`);
      if (command !== undefined) throw new CommandError(`QMP input member '${key}' clashes with '${command.key}'`);
      command = { key, name: member };
    } else if (key === "arguments") {
      if (!(member instanceof JsonObject)) throw new CommandError("QMP input member 'arguments' must be an object");
      args = member;
    } else if (key !== "id") throw new CommandError(`QMP input member '${key}' is unexpected`);
  }
  if (command === undefined) throw new CommandError("QMP input lacks member 'execute'");
  return { name: command.name, outOfBand: command.key === "exec-oob", arguments: args };
}

/** The command that a message means to run, if it is a message and names one. */
export function nameOfRequest(message: JsonMessage): string | undefined {
  const value = message.ok && message.value instanceof JsonObject ? message.value.get("execute") : undefined;
  return typeof value === "string" ? value : undefined;
}
