import { join } from "node:path";
import { rolldown } from "rolldown";
import { workspaceRoot } from "./workspace.ts";

/**
 * The modules of the command line, and of all that it stands on, in a few files: loading a thousand modules takes longer than most runs.
 * @param folder where they are written: as deep below the package as the modules that look for its files (`../../examples`).
 * @returns paths of all modules that are in it.
 */
export async function bundleCommand(folder: string): Promise<string[]> {
  const bundled = await rolldown({
    input: Object.fromEntries(
      ["main", "shard-worker", "sweep-process", "fuzz-process"].map((name) => [
        name,
        join(workspaceRoot, `apps/cli/src/${name}.ts`),
      ]),
    ),
    cwd: workspaceRoot,
    platform: "node",
    resolve: { conditionNames: ["@memhp/source", "node", "import", "module", "default"] },
  });
  const { output } = await bundled.write({ dir: folder, format: "esm" });
  await bundled.close();
  return output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : []));
}
