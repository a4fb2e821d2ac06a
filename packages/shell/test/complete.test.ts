import type { ServedFiles } from "@memhp/mount";
import { importTree } from "@memhp/sysfs";
import { expect, test } from "vitest";
import { completions } from "../src/prompt/complete.ts";
import type { Session } from "../src/prompt/session.ts";

const tree = importTree([
  { path: "/sys/memory/memory3/state", kind: "file", mode: 0o644, data: "online\n" },
  { path: "/sys/memory/memory3/node0", kind: "link", mode: 0o777, target: "../../node/node0" },
  { path: "/sys/memory/memory32/state", kind: "file", mode: 0o644, data: "online\n" },
  { path: "/sys/node/node0/meminfo", kind: "file", mode: 0o444, data: "" },
]);
const session = {
  machine: { files: tree },
  files: { ...tree, write: () => ({}) } as unknown as ServedFiles,
  directory: "/sys/memory",
} as unknown as Session;

test.each([
  ["c", ["cat ", "cd "], "c"],
  ["cat mem", ["memory3/", "memory32/"], "mem"],
  ["cat memory3/", ["memory3/node0/", "memory3/state "], "memory3/"],
  ["echo online > memory32/s", ["memory32/state "], "memory32/s"],
  ["echo online >memory32/s", ["memory32/state "], "memory32/s"],
  ["cat /sys/node/node0/m", ["/sys/node/node0/meminfo "], "/sys/node/node0/m"],
  ["cat nowhere/x", [], "nowhere/x"],
])("%s", (line, candidates, part) => {
  expect(completions(session, ["cat", "cd", "ls"], line)).toEqual([candidates, part]);
});
