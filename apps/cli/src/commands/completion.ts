import { completionScript, type Shell, shells } from "../arguments/completion.ts";
import type { Command } from "../command.ts";
import { allSpecs } from "../commands.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";

export const completion: Command = {
  spec: {
    name: "completion",
    about: "Prints what a shell needs to complete commands and options.",
    operands: { name: shells.join("|"), min: 1, max: 1 },
    options: {},
    notes: ['For this shell: eval "$(memhp completion bash)"'],
  },
  async run(args, host) {
    const [shell = ""] = args.operands;
    if (!(shells as readonly string[]).includes(shell))
      throw new UsageError(`${JSON.stringify(shell)} is not known (allowed: ${shells.join(", ")})`);
    host.stdout.write(completionScript(shell as Shell, await allSpecs()));
    return ExitCode.done;
  },
};
