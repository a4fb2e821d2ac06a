import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { workspaceRoot, type Room } from "../workspace.ts";

/** Packs every room as it would be published, without building it again. @returns the tarball of each package. */
export function packRooms(rooms: readonly Room[], into: string): Map<string, string> {
  mkdirSync(into, { recursive: true });
  return new Map(
    rooms.map(({ folder, manifest: { name } }) => {
      const tarball = join(into, `${name.replace("/", "-").replace("@", "")}.tgz`);
      const { status, stderr } = spawnSync("pnpm", ["pack", "--config.ignore-scripts=true", "--out", tarball], {
        cwd: join(workspaceRoot, folder),
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`pnpm pack in ${folder}: ${stderr}`);
      return [name, tarball];
    }),
  );
}
