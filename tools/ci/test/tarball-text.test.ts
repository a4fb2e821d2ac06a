import { expect, test } from "vitest";
import { changeProblems, deadLinks, readChanges } from "../src/tarball-text.ts";
import { manifestProblems, missingPeers } from "../src/manifests.ts";
import { readRooms, workspaceRoot } from "../src/workspace.ts";

const files = new Set(["README.md", "studies/balloon.md", "chart.svg"]);

test("a link of a README leads to a file of the tarball, to an anchor of the page, or to an address", () => {
  const readme = [
    "# Name",
    "## How it is `made`",
    "[a](studies/balloon.md) [b](studies) [c](#how-it-is-made) [d](https://example.org/x) ![e](chart.svg)",
    "```md",
    "[in code](../nowhere)",
    "```",
  ].join("\n");
  expect(deadLinks(readme, files)).toEqual([]);
  expect(deadLinks('[a](../engine) [b](src/x.ts) [c](#gone) <img src="no.png">', files)).toEqual([
    "../engine",
    "src/x.ts",
    "#gone",
    "no.png",
  ]);
});

test("a change names packages that exist, and few", () => {
  const names = new Set(["a", "b"]);
  expect(changeProblems([{ file: "x.md", packages: ["a", "b"] }], names)).toEqual([]);
  expect(changeProblems([{ file: "x.md", packages: ["c"] }], names)).toEqual(["x.md: there is no package c"]);
  expect(changeProblems([{ file: "x.md", packages: [] }], names)).toEqual(["x.md: names no package"]);
  expect(changeProblems([{ file: "x.md", packages: Array.from("aaaaaaaaaaa") }], names)).toHaveLength(1);
});

const rooms = readRooms(workspaceRoot).filter(({ manifest }) => manifest.private !== true);

test("every published manifest says who, where and under which licence, as the workspace does", () => {
  const problems = rooms.flatMap((room) =>
    [...manifestProblems(room), ...missingPeers(room, rooms)].map((p) => `${room.folder}: ${p}`),
  );
  expect(problems).toEqual([]);
});

test("a manifest with another address, a script that dangles, nx, or XState of its own is found", () => {
  const room = rooms.find(({ folder }) => folder === "packages/abi");
  const broken = {
    folder: room!.folder,
    manifest: { ...room!.manifest, author: "me", nx: {}, scripts: { build: "x" }, dependencies: { xstate: "^5" } },
  };
  expect(manifestProblems(broken).map((problem) => problem.split(" ")[0])).toEqual(["author", "`nx`", "the", "xstate"]);
});

test("a package whose dependency has a peer has it too", () => {
  const below = { folder: "packages/a", manifest: { name: "a", version: "0.0.0", peerDependencies: { xstate: "^5" } } };
  const above = { folder: "packages/b", manifest: { name: "b", version: "0.0.0", dependencies: { a: "*" } } };
  expect(missingPeers(above, [below, above])).toHaveLength(1);
});

test("every package has a change or a changelog that concerns it", () => {
  const named = new Set(readChanges(workspaceRoot).flatMap(({ packages }) => packages));
  const released = new Set(
    rooms.filter(({ manifest }) => manifest.version !== "0.0.0").map(({ manifest }) => manifest.name),
  );
  expect(rooms.map(({ manifest }) => manifest.name).filter((name) => !named.has(name) && !released.has(name))).toEqual(
    [],
  );
  expect(changeProblems(readChanges(workspaceRoot), new Set(rooms.map(({ manifest }) => manifest.name)))).toEqual([]);
});
