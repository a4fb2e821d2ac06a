// Bare projects, one for each package: its tarball, its declared peers, what its README's install line names, and nothing else. One pnpm
// workspace holds them, so that one install serves all; a strict node_modules shows each of them only what it has asked for.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { workspaceRoot, type Room } from "../workspace.ts";
import { installLine } from "../readme-imports.ts";
import { examplesOf, importsOf, type Program, programsOf } from "./program.ts";

/** What a stranger may have. The first of each is the oldest that is supported. */
export const NODES = { "node-20": "20.20.2", "node-22": "22.22.0", "node-24": "24.20.0" } as const;
export const TYPESCRIPTS = { "typescript-old": "5.4.5", "typescript-new": "7.0.2" } as const;
const NODE_TYPES = "20.19.9";

export interface Project {
  readonly name: string;
  readonly folder: string;
  readonly programs: readonly Program[];
  /** Packages that a program imports and the project does not have, by the program's name. */
  readonly undeclared: readonly string[];
}

/** Writes and installs the projects. @throws Error with what pnpm said, if it cannot. */
export function createProjects(root: string, rooms: readonly Room[], tarballs: ReadonlyMap<string, string>): Project[] {
  const projects = rooms.map((room) => createProject(root, room, tarballs));
  writeJson(join(root, "package.json"), { name: "strangers", private: true });
  const overrides = [...tarballs].map(([name, tarball]) => `  "${name}": "file:${tarball}"\n`).join("");
  writeFileSync(
    join(root, "pnpm-workspace.yaml"),
    // A peer that is only found because pnpm adds it by itself would be missing elsewhere.
    `packages: ["*"]\npmOnFail: ignore\nautoInstallPeers: false\nstrictPeerDependencies: true\nallowBuilds: { esbuild: false }\noverrides:\n${overrides}`,
  );
  mkdirSync(join(root, "tools"));
  writeJson(join(root, "tools/package.json"), {
    name: "tools",
    private: true,
    dependencies: {
      ...Object.fromEntries(
        Object.entries(NODES).map(([name, version]) => [name, `npm:node-linux-${process.arch}@${version}`]),
      ),
      ...Object.fromEntries(Object.entries(TYPESCRIPTS).map(([name, version]) => [name, `npm:typescript@${version}`])),
    },
  });
  const { status, stdout, stderr } = spawnSync(
    "pnpm",
    ["install", "--prefer-offline", "--no-frozen-lockfile", "--ignore-scripts"],
    {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, CI: "true" },
    },
  );
  if (status !== 0) throw new Error(`pnpm install: ${stdout}${stderr}`);
  return projects;
}

function createProject(root: string, room: Room, tarballs: ReadonlyMap<string, string>): Project {
  const { manifest, folder: source } = room;
  const name = manifest.name.replace("@memhp/", "");
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  const readme = readFileSync(join(workspaceRoot, source, "README.md"), "utf8");
  const programs = [...programsOf(room), ...examplesOf(room)];
  const optional = new Set(
    Object.entries(manifest.peerDependenciesMeta ?? {}).flatMap(([peer, { optional: is }]) =>
      is === true ? [peer] : [],
    ),
  );
  const peers = Object.entries(manifest.peerDependencies ?? {}).filter(([peer]) => !optional.has(peer));
  const wanted = new Set([
    manifest.name,
    ...installLine(readme),
    ...programsOf(room).flatMap(({ code }) => importsOf(code)),
  ]);
  const dependencies: Record<string, string> = Object.fromEntries(peers);
  for (const dependency of wanted) {
    const tarball = tarballs.get(dependency);
    dependencies[dependency] ??= tarball === undefined ? "*" : `file:${tarball}`;
  }
  writeJson(join(folder, "package.json"), {
    name: `stranger-${name}`,
    private: true,
    type: "module",
    dependencies,
    devDependencies: programs.some(({ needsNode }) => needsNode) ? { "@types/node": NODE_TYPES } : {},
  });
  for (const program of programs) writeFileSync(join(folder, `${program.name}.ts`), program.code);
  const undeclared = examplesOf(room).flatMap(({ name: example, code }) =>
    importsOf(code)
      .filter((dependency) => !(dependency in dependencies))
      .map((dependency) => `${example}.ts imports ${dependency}, which its README's install line does not name`),
  );
  return { name, folder, programs, undeclared };
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
