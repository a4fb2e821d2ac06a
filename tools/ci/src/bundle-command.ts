// bundle-command [--remove]: the modules of the command line, and of all that it stands on, in a few files: loading a thousand modules takes
// longer than most runs. Made when the package is packed (`prepack`) and taken away again, so that nobody runs an old one.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { rolldown } from "rolldown";
import { workspaceRoot } from "./workspace.ts";

// As deep below the package as the modules that look for its files (`../../examples`).
const folder = join(workspaceRoot, "apps/cli/dist/bundle");

/** Bundles the sources. @returns folders of the packages from elsewhere that are in it. */
async function bundle(): Promise<string[]> {
  const bundled = await rolldown({
    input: Object.fromEntries(
      ["main", "shard-worker"].map((name) => [name, join(workspaceRoot, `apps/cli/src/${name}.ts`)]),
    ),
    cwd: workspaceRoot,
    platform: "node",
    resolve: { conditionNames: ["@memhp/source", "node", "import", "module", "default"] },
  });
  const { output } = await bundled.write({ dir: folder, format: "esm" });
  await bundled.close();
  const modules = output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : []));
  const others = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0] ?? []);
  return [...new Set(others)].sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
}

/** What the licence of a package says. @throws Error for one that has none to give. */
function licence(package_: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(package_, "package.json"), "utf8")) as Record<
    string,
    unknown
  >;
  const file = readdirSync(package_).find((each) => /^licen[cs]e/i.test(each));
  const text = file === undefined ? String(license) : readFileSync(join(package_, file), "utf8").trim();
  if (text === "undefined") throw new Error(`${package_}: no licence`);
  return `## ${String(name)} ${String(version)}\n\n${text}\n`;
}

rmSync(folder, { recursive: true, force: true });
if (!process.argv.includes("--remove")) {
  const packages = await bundle();
  const head = `# Packages of others in this folder (${basename(dirname(folder))}/${basename(folder)})\n`;
  writeFileSync(join(folder, "LICENCES.md"), [head, ...packages.map(licence)].join("\n"));
}
