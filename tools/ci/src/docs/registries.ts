// What the documentation must have, from the registries that the programs themselves read. Loaded by their places: this tool depends on no package.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { workspaceRoot } from "../workspace.ts";

interface Spec {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const load = async <Module>(file: string): Promise<Module> =>
  (await import(pathToFileURL(join(workspaceRoot, file)).href)) as Module;

/** For each page, the words that have to stand in it as code or as a heading. */
export async function wantedWords(): Promise<Readonly<Record<string, readonly string[]>>> {
  const { operations } = await load<{ operations: readonly { readonly op: string }[] }>(
    "packages/scenario/src/index.ts",
  );
  const { allSpecs } = await load<{ allSpecs: () => Promise<Spec[]> }>("apps/cli/src/commands.ts");
  const { refusalCodes } = await load<{ refusalCodes: readonly string[] }>("packages/abi/src/index.ts");
  const { kernels } = await load<{ kernels: readonly { readonly id: string }[] }>("packages/kernels/src/index.ts");
  const { platforms } = await load<{ platforms: readonly { readonly id: string }[] }>(
    "packages/platforms/src/index.ts",
  );
  const { deviceTypes } = await load<{ deviceTypes: readonly { readonly id: string }[] }>(
    "packages/devices/src/index.ts",
  );
  const specs = await allSpecs();
  const keys = (values: readonly object[]): string[] => [...new Set(values.flatMap((value) => Object.keys(value)))];
  const ids = (values: readonly { readonly id: string }[]): string[] => values.map(({ id }) => id);
  return {
    "reference/operations.html": operations.map(({ op }) => op),
    "reference/commands.html": specs.flatMap(({ name, options }) => [
      `memhp ${name}`,
      ...Object.keys(options).map((option) => `--${option}`),
    ]),
    "reference/refusals.html": refusalCodes,
    "extend/kernel.html": [...ids(kernels), ...keys(kernels)],
    "extend/platform.html": [...ids(platforms), ...keys(platforms)],
    "extend/device.html": [...ids(deviceTypes), ...keys(deviceTypes)],
    "extend/operation.html": [...operations.map(({ op }) => op), ...keys(operations)],
  };
}
