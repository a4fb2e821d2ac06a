import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Released } from "./copy.ts";
import { run } from "./run.ts";

/** Installs every package alone from the registry, and the command line for all users; runs what a newcomer would. @returns what was seen. */
export function installEverything(root: string, url: string, released: readonly Released[]): string[] {
  mkdirSync(root, { recursive: true });
  const seen: string[] = [];
  const npm = (args: readonly string[], cwd: string): string =>
    run("npm", [...args, "--registry", url, "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], cwd);
  for (const { name, version } of released) {
    if (name === "memhp") continue;
    const folder = join(root, name.replace("@memhp/", ""));
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
    npm(["install", `${name}@${version}`], folder);
  }
  seen.push(`${released.length - 1} packages installed, each alone`);

  const global = join(root, "global");
  npm(["install", "--global", "--prefix", global, "memhp"], root);
  const memhp = join(global, "bin/memhp");
  seen.push(`memhp ${run(memhp, ["--version"], root).trim()} for all users`);
  const first = run(memhp, ["examples", "copy", "first-dimm"], root).trim();
  seen.push(`the documentation's first example: ${run(memhp, ["run", first], root).trim().split("\n").at(-1) ?? ""}`);
  return seen;
}
