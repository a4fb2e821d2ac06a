// `pnpm release --dry`: everything that a release does, against a registry of its own: versions and changelogs in a copy of what is committed,
// every package built and packed by its prepack, a statement of where it comes from, published, installed from there, and used.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { provenance } from "./release/provenance.ts";
import { inCopy, type ReleaseCopy } from "./release/copy.ts";
import { installEverything } from "./release/install.ts";
import { startRegistry } from "./release/registry.ts";
import { workspaceRoot } from "./workspace.ts";

if (!process.argv.includes("--dry")) {
  console.error(
    "only the rehearsal is here: pnpm release --dry. What publishes for good runs in CI, with its identity.",
  );
  process.exit(2);
}
const keep = process.argv.includes("--keep");
const temp = mkdtempSync(join(tmpdir(), "memhp-release-"));
const began = performance.now();
const say = (text: string): void =>
  console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}`);
const registry = await startRegistry(join(temp, "registry"));
try {
  say(`registry at ${registry.url}`);
  const copy: ReleaseCopy = inCopy(workspaceRoot, join(temp, "copy"));
  say(`a copy of ${copy.commit.slice(0, 9)}, installed`);
  const released = copy.version();
  say(
    `versions: ${[...new Set(released.map(({ version }) => version))].join(", ")} of ${released.length} packages, each with a changelog of its own`,
  );
  for (const { name, changelog } of released)
    if (changelog === "") throw new Error(`${name} has no changelog for this version`);
  const tarballs = copy.pack(join(temp, "tarballs"));
  say(`packed: ${tarballs.map(({ name, bytes }) => `${name} ${(bytes / 1000).toFixed(0)} kB`).join(", ")}`);
  const statement = provenance(copy.commit, copy.repository, tarballs);
  say(
    `provenance: ${statement.subject.length} subjects of ${statement.predicate.buildDefinition.resolvedDependencies[0]?.uri ?? ""}`,
  );
  for (const { file } of tarballs) registry.publish(file);
  say("published");
  const used = installEverything(join(temp, "install"), registry.url, released);
  for (const line of used) say(line);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(readFileSync(registry.log, "utf8").split("\n").slice(-5).join("\n"));
  process.exitCode = 1;
} finally {
  registry.stop();
  if (keep) console.log(temp);
  else rmSync(temp, { recursive: true, force: true });
}
