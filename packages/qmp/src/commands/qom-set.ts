import { Arguments } from "../arguments.ts";
import { CommandError } from "../command-error.ts";
import { lastName } from "../qom.ts";
import { andThen, type Command, emptyAnswer } from "./command.ts";

/** `qom-set` of a device's property that is a number. */
export const qomSet: Command = (given, { port }) => {
  const args = new Arguments(given);
  const path = args.string("path");
  const property = args.string("property");
  const value = args.uint64("value");
  args.end();
  return andThen(port.resolve(path), (kind) => {
    if (kind === undefined) throw new CommandError(`Device '${path}' not found`, "DeviceNotFound");
    // The end of a path is enough (qom/object.c, object_resolve_path).
    const id = kind === "device" ? lastName(path) : undefined;
    const answer = id === undefined ? undefined : port.qomSet?.(id, property, Number(value));
    return andThen(answer, (result) => {
      if (result === undefined) throw new CommandError(`Property '${path}.${property}' not found`);
      return emptyAnswer(result);
    });
  });
};
