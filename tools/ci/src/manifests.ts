// What every published manifest says alike, made from the workspace's own package.json, and what no tarball may carry.
// `node tools/ci/src/manifests.ts` writes it; the packages check compares. Who moves the repository changes one line, in the root.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readRooms, workspaceRoot, type Room } from "./workspace.ts";

interface WorkspaceManifest {
  readonly license: string;
  readonly author: string;
  readonly homepage: string;
  readonly repository: { readonly type: string; readonly url: string };
  readonly bugs: { readonly url: string };
  readonly engines: { readonly node: string };
  readonly peerRanges: Readonly<Record<string, string>>;
}

type Json = Record<string, unknown>;

/** Packages whose public types or running code are another library's: the program that uses them chooses its version, once. */
const PEERS = ["xstate"];

const workspace = readJson(join(workspaceRoot, "package.json")) as unknown as WorkspaceManifest;

/** The fields that are the same for all, or differ by folder only. */
export function commonFields(folder: string): Json {
  const page = workspace.homepage.replace(/#.*$/, "");
  return {
    homepage: `${page}/tree/main/${folder}#readme`,
    bugs: workspace.bugs,
    license: workspace.license,
    author: workspace.author,
    repository: { ...workspace.repository, directory: folder },
    engines: workspace.engines,
  };
}

/** What is wrong with a published room's manifest; empty when it is as it should be. */
export function manifestProblems({ folder, manifest }: Room): string[] {
  const fields = manifest as unknown as Json;
  const problems: string[] = [];
  for (const [name, expected] of Object.entries(commonFields(folder))) {
    if (JSON.stringify(fields[name]) !== JSON.stringify(expected))
      problems.push(
        `${name} is ${JSON.stringify(fields[name])}, not ${JSON.stringify(expected)}; run tools/ci/src/manifests.ts`,
      );
  }
  if (typeof fields["description"] !== "string") problems.push("there is no description");
  const keywords = fields["keywords"];
  if (!Array.isArray(keywords) || keywords.length < 3) problems.push("fewer than three keywords");
  if ("nx" in fields) problems.push("`nx` belongs into project.json, which is not published");
  const scripts = Object.keys(fields["scripts"] ?? {});
  // pnpm leaves these two out of what it packs; any other script would travel and dangle.
  if (!["prepack", "prepack,postpack"].includes(scripts.join()))
    problems.push(`the scripts are [${scripts.join(", ")}], not prepack, which builds, and at most postpack beside it`);
  for (const file of ["CHANGELOG.md", "dist"])
    if (!((fields["files"] ?? []) as string[]).includes(file)) problems.push(`${file} is not among the files`);
  for (const peer of PEERS) {
    const range = manifest.peerDependencies?.[peer];
    const isCommand = "bin" in fields;
    if (manifest.dependencies?.[peer] !== undefined && !isCommand)
      problems.push(`${peer} is a dependency; it is a peer`);
    if (range !== undefined && range !== workspace.peerRanges[peer])
      problems.push(`the peer ${peer} is ${range}, not ${workspace.peerRanges[peer]}`);
  }
  return problems;
}

/** A room passes on the peers of the rooms that it depends on: whoever installs it has to know. */
export function missingPeers(room: Room, rooms: readonly Room[]): string[] {
  if ("bin" in room.manifest) return [];
  const below = Object.keys(room.manifest.dependencies ?? {}).flatMap((name) => {
    const other = rooms.find(({ manifest }) => manifest.name === name);
    return Object.keys(other?.manifest.peerDependencies ?? {}).map((peer) => ({ name, peer }));
  });
  return below
    .filter(({ peer }) => PEERS.includes(peer) && room.manifest.peerDependencies?.[peer] === undefined)
    .map(({ name, peer }) => `${name} has the peer ${peer}, which this package does not pass on`);
}

const ORDER = [
  "name",
  "version",
  "description",
  "keywords",
  "homepage",
  "bugs",
  "license",
  "author",
  "repository",
  "bin",
  "files",
  "type",
  "sideEffects",
  "exports",
  "publishConfig",
  "scripts",
  "dependencies",
  "devDependencies",
  "peerDependencies",
  "peerDependenciesMeta",
  "engines",
];

function writeManifest({ folder }: Room): void {
  const file = join(workspaceRoot, folder, "package.json");
  const fields: Json = { ...readJson(file), ...commonFields(folder) };
  const known = ORDER.filter((name) => name in fields).map((name) => [name, fields[name]] as const);
  const others = Object.entries(fields).filter(([name]) => !ORDER.includes(name));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries([...known, ...others]), null, 2)}\n`);
}

function readJson(file: string): Json {
  return JSON.parse(readFileSync(file, "utf8")) as Json;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  for (const room of readRooms(workspaceRoot)) if (room.manifest.private !== true) writeManifest(room);
