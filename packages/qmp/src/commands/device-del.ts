import { Arguments } from "../arguments.ts";
import { CommandError } from "../command-error.ts";
import { deviceIdOf, devicePath } from "../qom.ts";
import { type Command, emptyAnswer, andThen } from "./command.ts";

export const deviceDel: Command = (given, { port }) => {
  const args = new Arguments(given);
  const id = args.string("id");
  args.end();
  const path = id.startsWith("/") ? id : devicePath(id);
  return andThen(port.resolve(path), (kind) => {
    if (kind === undefined) throw new CommandError(`Device '${id}' not found`, "DeviceNotFound");
    if (kind !== "device") throw new CommandError(`${id} is not a hotpluggable device`);
    return andThen(port.deviceDel(deviceIdOf(path) ?? path), emptyAnswer);
  });
};
