import { manPage } from "../arguments/man-page.ts";
import type { Command } from "../command.ts";
import { allSpecs } from "../commands.ts";
import { ExitCode } from "../exit-code.ts";
import { version } from "../text/version.ts";

export const man: Command = {
  spec: {
    name: "man",
    about: "Prints the manual page, which lists every command with its options.",
    options: {},
    notes: ["To read it: memhp man | man -l -"],
  },
  async run(_args, host) {
    host.stdout.write(manPage(await allSpecs(), await version()));
    return ExitCode.done;
  },
};
