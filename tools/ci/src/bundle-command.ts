// bundle-command [--remove]: the command line in a few files. Made when the package is packed (`prepack`) and taken away again, so that nobody
// runs an old one.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { bundleCommand } from "./command-bundle.ts";
import { workspaceRoot } from "./workspace.ts";

const folder = join(workspaceRoot, "apps/cli/dist/bundle");

/** Folders of the packages from elsewhere among modules. */
function packagesOf(modules: readonly string[]): string[] {
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
  const packages = packagesOf(await bundleCommand(folder));
  const head = `# Packages of others in this folder (${basename(dirname(folder))}/${basename(folder)})\n`;
  writeFileSync(join(folder, "LICENCES.md"), [head, ...packages.map(licence)].join("\n"));
}
