// Packs every public package as it would be published, and asks publint and are-the-types-wrong about the tarball; compares its manifest
// with what all say alike, and looks whether a reader of the tarball meets a link that leads nowhere.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData, type Problem } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { manifestProblems, missingPeers } from "./manifests.ts";
import { deadLinks } from "./tarball-text.ts";
import { readRooms, workspaceRoot, type Room } from "./workspace.ts";

const temp = mkdtempSync(join(tmpdir(), "memhp-packages-"));
let failed = false;
try {
  const rooms = readRooms(workspaceRoot).filter(({ manifest }) => manifest.private !== true);
  for (const room of rooms) {
    const problems = [...manifestProblems(room), ...missingPeers(room, rooms), ...(await findProblems(room))];
    for (const problem of problems) console.error(`${room.manifest.name}: ${problem}`);
    failed ||= problems.length > 0;
  }
} finally {
  rmSync(temp, { recursive: true });
}
process.exitCode = failed ? 1 : 0;

async function findProblems(room: Room): Promise<string[]> {
  const packed = packRoom(room);
  const data = readFileSync(packed);
  const tarball = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  const problems = messages.map((message) => `publint: ${formatMessage(message, pkg) ?? message.code}`);

  problems.push(
    ...deadLinks(readFileSync(join(workspaceRoot, room.folder, "README.md"), "utf8"), packedFiles(packed)).map(
      (link) => `README.md links to ${link}, which is not in the tarball`,
    ),
  );

  // The command line exports no modules, so there are no types to be wrong.
  if (Object.keys(room.manifest.exports ?? {}).some((subpath) => subpath !== "./package.json")) {
    const result = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
    if (!result.types) problems.push("types: the package has none");
    else problems.push(...result.problems.filter(concernsEsm).map((problem) => `types: ${JSON.stringify(problem)}`));
  }
  return problems;
}

/** The packages are ESM only: how CommonJS or Node 10 would resolve them is no concern. */
function concernsEsm(problem: Problem): boolean {
  return !("resolutionKind" in problem) || !["node10", "node16-cjs"].includes(problem.resolutionKind);
}

function packedFiles(tarball: string): Set<string> {
  const { stdout } = spawnSync("tar", ["-tzf", tarball], { encoding: "utf8", maxBuffer: 2 ** 26 });
  return new Set(stdout.split("\n").map((file) => file.replace(/^package\//, "")));
}

/** Without the prepack script: `pnpm check` has built before. */
function packRoom({ folder, manifest }: Room): string {
  const tarball = join(temp, `${manifest.name.replace("/", "-")}.tgz`);
  const packed = spawnSync("pnpm", ["pack", "--config.ignore-scripts=true", "--out", tarball], {
    cwd: join(workspaceRoot, folder),
    encoding: "utf8",
  });
  if (packed.status !== 0) throw new Error(`pnpm pack in ${folder}: ${packed.stderr || packed.error}`);
  return tarball;
}
