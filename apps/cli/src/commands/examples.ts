import { constants } from "node:fs";
import { copyFile, readdir, readFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseDocument } from "@memhp/scenario";
import type { Command } from "../command.ts";
import { InputError, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { reason } from "../output/reason.ts";
import { textTable } from "@memhp/shell";

interface Example {
  /** File name without its ending. */
  readonly name: string;
  readonly path: string;
}

const folders = [
  fileURLToPath(new URL("../../examples", import.meta.url)),
  join(dirname(fileURLToPath(import.meta.resolve("@memhp/scenario/package.json"))), "examples"),
];

/** Every shipped scenario and recorded run, by name. */
async function shipped(): Promise<Example[]> {
  const found = await Promise.all(
    folders.map(async (folder) => (await readdir(folder)).map((file) => join(folder, file))),
  );
  return found
    .flat()
    .filter((path) => [".yaml", ".json"].includes(extname(path)))
    .map((path) => ({ name: basename(path, extname(path)), path }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const examples: Command = {
  spec: {
    name: "examples",
    about: "Lists the scenarios that come with memhp, shows one, or copies one to work with.",
    operands: { name: "list|show NAME|copy NAME [DIR]", min: 0, max: 3 },
    options: {},
    notes: [
      "Without operands they are listed. A copy never overwrites a file; DIR is this folder unless told otherwise.",
      "Example: memhp examples copy pinned && memhp run pinned.yaml",
    ],
  },
  async run(args, host) {
    const [verb, name, directory] = args.operands;
    const all = await shipped();
    if (verb === undefined || verb === "list") {
      if (name !== undefined) throw new UsageError(`unexpected ${JSON.stringify(name)} after list`);
      return list(all, host);
    }
    if (verb !== "show" && verb !== "copy")
      throw new UsageError(`${JSON.stringify(verb)} is not known (allowed: list, show, copy)`);
    if (verb === "show" && directory !== undefined)
      throw new UsageError(`unexpected ${JSON.stringify(directory)} after show NAME`);
    const example = all.find((each) => each.name === name);
    if (example === undefined) {
      const names = all.map((each) => each.name).join(", ");
      throw new UsageError(
        name === undefined ? "NAME is missing" : `no example ${JSON.stringify(name)} (there are: ${names})`,
      );
    }
    if (verb === "copy") return copy(example, directory ?? ".", host);
    host.stdout.write(await readFile(example.path, "utf8"));
    return ExitCode.done;
  },
};

async function list(all: readonly Example[], host: Host): Promise<ExitCode> {
  const rows = await Promise.all(
    all.map(async ({ name, path }) => {
      const document = parseDocument(await readFile(path, "utf8"), path);
      return { name, kernel: document.kernel, about: document.name };
    }),
  );
  host.stdout.write(
    textTable<(typeof rows)[number]>(
      [
        { name: "EXAMPLE", align: "left", cell: (row) => row.name },
        { name: "KERNEL", align: "left", cell: (row) => row.kernel },
        { name: "ABOUT", align: "left", cell: (row) => (row.about === row.name ? "" : row.about) },
      ],
      rows,
    ),
  );
  return ExitCode.done;
}

/** @throws InputError where there is a file of that name, or no such folder */
async function copy({ path }: Example, directory: string, host: Host): Promise<ExitCode> {
  const to = join(directory, basename(path));
  try {
    await copyFile(path, to, constants.COPYFILE_EXCL);
  } catch (error) {
    throw new InputError(`${to}: ${reason(error)}`, { cause: error });
  }
  host.stdout.write(`${to}\n`);
  return ExitCode.done;
}
