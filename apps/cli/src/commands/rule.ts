import { type RuleSource, ruleSources, sectionOf } from "@memhp/abi";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Command } from "../command.ts";
import { InputError, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";

/** In the package, and in the workspace. */
const folders = ["../../facts/", "../../../../tools/conformance/facts/"].map(
  (folder) => new URL(folder, import.meta.url),
);

async function textOf({ document, section }: RuleSource): Promise<string> {
  for (const folder of folders) {
    const markdown = await readFile(fileURLToPath(new URL(`${document}.md`, folder)), "utf8").catch(() => undefined);
    if (markdown === undefined) continue;
    const text = sectionOf(markdown, section);
    if (text === undefined) throw new InputError(`${document} has no section ${section}`);
    return text;
  }
  throw new InputError(`${document}: the facts are not here`);
}

export const rule: Command = {
  spec: {
    name: "rule",
    about: "Prints the facts that a refusal's rule names.",
    operands: { name: "RULE", min: 1, max: 1 },
    options: {},
    notes: [
      "RULE is what a refusal says it is by, or a part of it: a document (facts, observed-4.1, observed-6, observed-newer) and a section.",
      'Example: memhp rule "facts §4.3: has_unmovable_pages"',
    ],
  },
  async run(args, host) {
    const [text = ""] = args.operands;
    const sources = ruleSources(text.replaceAll(/\b(facts|observed-[\d.a-z]+) (\d)/g, "$1 §$2"));
    const [file] = /\b[\w/.-]+\.[ch]\b|\b[\w/]+\/(?:Makefile|Kconfig)\b/.exec(text) ?? [];
    if (sources.length === 0 && file !== undefined) {
      host.stdout.write(
        `${text}\n\nThis rule is read from the kernel's source (${file}); no recorded run shows it, and the facts have no section of it.\n`,
      );
      return ExitCode.done;
    }
    if (sources.length === 0)
      throw new UsageError(
        `${JSON.stringify(text)} names no section of the facts (as in "facts §4.3", "observed-6 §9")`,
      );
    for (const source of sources) host.stdout.write(`${await textOf(source)}\n\n(${source.address} of memhp docs)\n`);
    return ExitCode.done;
  },
};
