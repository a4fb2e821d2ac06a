import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { readRooms } from "../workspace.ts";
import { run } from "./run.ts";

export interface Released {
  readonly name: string;
  readonly version: string;
  /** What its changelog says of this version; empty where it says nothing. */
  readonly changelog: string;
}

export interface Tarball {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly bytes: number;
}

/** A copy of what is committed, to release from. */
export interface ReleaseCopy {
  readonly commit: string;
  readonly repository: string;
  /** Sets versions and changelogs, as `changeset version` does. */
  version(): Released[];
  /** Packs every package after its prepack has built it. */
  pack(into: string): Tarball[];
}

export function inCopy(root: string, folder: string): ReleaseCopy {
  run("git", ["clone", "--quiet", "--no-hardlinks", root, folder], root);
  const commit = run("git", ["rev-parse", "HEAD"], folder).trim();
  run("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], folder);
  const rooms = (): ReturnType<typeof readRooms> =>
    readRooms(folder).filter(({ manifest }) => manifest.private !== true);
  const { repository } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    repository: { url: string };
  };
  return {
    commit,
    repository: repository.url,
    version() {
      run("pnpm", ["exec", "changeset", "version"], folder);
      return rooms().map(({ folder: room, manifest: { name, version } }) => {
        const file = join(folder, room, "CHANGELOG.md");
        const text = existsSync(file) ? readFileSync(file, "utf8") : "";
        const [, changelog = ""] = text.split(new RegExp(`^## ${version.replaceAll(".", "\\.")}$`, "m"));
        return { name, version, changelog: changelog.split(/^## /m)[0]?.trim() ?? "" };
      });
    },
    pack(into) {
      mkdirSync(into, { recursive: true });
      return rooms().map(({ folder: room, manifest: { name, version } }) => {
        const file = join(into, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
        run("pnpm", ["pack", "--out", file], join(folder, room));
        const held = run("tar", ["-tzf", file], into);
        for (const needed of ["README.md", "CHANGELOG.md", "LICENSE"])
          if (!held.includes(`package/${needed}\n`)) throw new Error(`${name}: the tarball has no ${needed}`);
        return { name, version, file, bytes: statSync(file).size };
      });
    },
  };
}
