import { Arguments } from "../arguments.ts";
import { CommandError } from "../command-error.ts";
import { andThen, type Command, emptyAnswer, query } from "./command.ts";

/** QERR_DEVICE_NOT_ACTIVE (QEMU's system/balloon.c; from source, not recorded). */
function noBalloon(): CommandError {
  return new CommandError("No balloon device has been activated", "DeviceNotActive");
}

/** `balloon`: what the guest may keep. */
export const balloon: Command = (given, { port }) => {
  const args = new Arguments(given);
  const value = args.uint64("value");
  args.end();
  if (port.balloon === undefined) throw noBalloon();
  if (value === 0n || value >= 1n << 63n) throw new CommandError("Parameter 'target' expects a size");
  return andThen(port.balloon(Number(value)), emptyAnswer);
};

export const queryBalloon: Command = query(({ port }) => {
  if (port.balloonBytes === undefined) throw noBalloon();
  return andThen(port.balloonBytes(), (actual) => ({ actual }));
});
