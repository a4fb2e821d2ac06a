import { type GivenOptions, type ToolOption, WrongUsage } from "../options/read-words.ts";
import { type ChmemOptions, chmemZones } from "./chmem.ts";

/** The options of chmem(8), util-linux 2.38.1. */
export const chmemFlags: Readonly<Record<string, ToolOption>> = {
  enable: { short: "e", about: "Enable memory" },
  disable: { short: "d", about: "Disable memory" },
  blocks: { short: "b", about: "The range is one of memory blocks" },
  zone: { short: "z", value: "NAME", about: `Memory zone: ${chmemZones.join(", ")}` },
  verbose: { short: "v", about: "Say what becomes of each block" },
};

/** What was asked of chmem(8). @throws WrongUsage */
export function chmemOptions(args: GivenOptions): ChmemOptions {
  const [enable, disable] = [args.flag("enable"), args.flag("disable")];
  if (enable === disable) throw new WrongUsage(enable ? "-e and -d exclude each other" : "-e or -d is missing");
  const zone = args.text("zone");
  return {
    enable,
    useBlocks: args.flag("blocks"),
    verbose: args.flag("verbose"),
    ...(zone === undefined ? {} : { zone }),
  };
}
