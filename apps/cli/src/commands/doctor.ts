import { commonOptions } from "../arguments/command-spec.ts";
import type { Command } from "../command.ts";
import { examine, type Finding } from "../doctor/checks.ts";
import { ExitCode } from "../exit-code.ts";
import { terminalLayout } from "../timeline/terminal-layout.ts";

export const doctor: Command = {
  spec: {
    name: "doctor",
    about: "Says what this computer allows: worker threads, mounts, pages of this host, Redis. It changes nothing.",
    options: { json: commonOptions.json },
    notes: ["Exit code 0 whatever is found: memhp itself needs nothing but Node."],
  },
  async run(args, host) {
    const findings = await examine();
    const { paint } = terminalLayout(host.stdout, host.env);
    const line = ({ name, ok, found, for: what, remedy }: Finding): string => {
      const first = `${ok ? paint("good", "yes") : paint("bad", "no ")}  ${name.padEnd(13)}  ${found} (for ${what})`;
      return remedy === undefined ? first : `${first}\n${" ".repeat(20)}${remedy}`;
    };
    host.stdout.write(
      args.flag("json") ? `${JSON.stringify({ findings }, undefined, 2)}\n` : `${findings.map(line).join("\n")}\n`,
    );
    return ExitCode.done;
  },
};
