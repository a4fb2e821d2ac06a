import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./root.ts";

interface Spec {
  readonly name: string;
}

/** What `memhp NAME --help` prints, for every command. The command line is no package to import from, so its modules are loaded by their place. */
export async function commandHelps(): Promise<{ readonly name: string; readonly help: string }[]> {
  const load = async (file: string): Promise<unknown> => import(pathToFileURL(join(root, "apps/cli/src", file)).href);
  const { allSpecs } = (await load("commands.ts")) as { allSpecs: () => Promise<Spec[]> };
  const { commandHelp } = (await load("arguments/help.ts")) as { commandHelp: (spec: Spec) => string };
  return (await allSpecs()).map((spec) => ({ name: spec.name, help: commandHelp(spec) }));
}
