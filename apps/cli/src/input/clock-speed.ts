import type { Arguments } from "../arguments/arguments.ts";
import type { OptionSpec } from "../arguments/command-spec.ts";
import { UsageError } from "../errors.ts";

const MOST = 1e6;

/** For commands whose machine goes on while somebody uses it. */
export const clockOptions: Readonly<Record<"speed", OptionSpec>> = {
  speed: {
    value: "N",
    about: "Simulated seconds for each second, 1 unless told otherwise; max: as fast as the work goes",
  },
};

export const clockNote =
  "The machine's clock goes on as the wall clock does: an offline that takes two minutes takes two minutes, or less with --speed.";

/** Undefined for `max`. @throws UsageError */
export function clockSpeed(args: Arguments): number | undefined {
  const text = args.text("speed") ?? "1";
  if (text === "max") return undefined;
  const speed = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (!(speed > 0 && speed <= MOST))
    throw new UsageError(`--speed: expected a number above 0, up to ${MOST}, or max, found ${JSON.stringify(text)}`);
  return speed;
}
