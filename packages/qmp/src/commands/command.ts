import { Arguments } from "../arguments.ts";
import { CommandError } from "../command-error.ts";
import type { JsonObject, PlainValue } from "../json/value.ts";
import type { QmpPort } from "../port.ts";
import type { Awaitable, QmpResult } from "../result.ts";

/** What a command may do besides asking the machine. */
export interface CommandContext {
  readonly port: QmpPort;
  /** Names of all commands, as `query-commands` lists them. */
  readonly commandNames: readonly string[];
  /** Leaves negotiation. False if that was done before. */
  readonly negotiate: (enabled: readonly string[]) => boolean;
  /** Tells all clients that the machine ends, and ends it after the answer. */
  readonly shutdown: () => void;
  /** The number of a new device without an id. */
  readonly takeDeviceNumber: () => number;
}

/** A command gives the `return` member, or throws a `CommandError`. */
export type Command = (given: JsonObject, context: CommandContext) => Awaitable<PlainValue>;

/** A command without arguments. */
export function query(answer: (context: CommandContext) => Awaitable<PlainValue>): Command {
  return (given, context) => {
    new Arguments(given).end();
    return answer(context);
  };
}

/** Goes on with the value, now or when it arrives: a machine that answers at once is answered for at once. */
export function andThen<T, U>(value: Awaitable<T>, goOn: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}

/** An empty answer, or the error. */
export function emptyAnswer(result: QmpResult): PlainValue {
  if (!result.ok) throw CommandError.of(result.refusal);
  return {};
}
