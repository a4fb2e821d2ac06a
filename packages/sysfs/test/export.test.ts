import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTree, type ExportedEntry, exportTree, importTree, type ReadTree } from "../src/index.ts";
import { fakePort } from "./fake-port.ts";
import { errnoOf, valueOf } from "./result.ts";

const MEMORY = "/sys/devices/system/memory";
const live = createTree(
  fakePort({ kernel: "6.12", blocks: [{ id: 2 }, { id: 10, state: "online", deviceOnline: true }] }),
);

/** Left out of an export. */
const isKpage = (path: string): boolean => /kpage(flags|count)$/.test(path);

/** All that can be asked of a tree below a path. */
function everything(tree: ReadTree, root: string) {
  const files = [...tree.walk(root)].filter(({ path }) => !isKpage(path));
  return files.map((entry) => ({
    entry,
    read: errnoOf(tree.read(entry.path)) === 0 ? valueOf(tree.read(entry.path)) : errnoOf(tree.read(entry.path)),
    list: tree.list(entry.path).ok
      ? valueOf(tree.list(entry.path)).filter((name) => !isKpage(name))
      : errnoOf(tree.list(entry.path)),
  }));
}

test("an imported tree answers as the live one did, refusals and links included", () => {
  const copy = importTree(exportTree(live, "/"));
  expect(everything(copy, "/")).toEqual(everything(live, "/"));
  expect(valueOf(copy.read("/sys/bus/memory/devices/memory10/state"))).toBe("online\n");
});

test("an export is plain data", () => {
  const entries = [...exportTree(live, MEMORY)];
  expect(JSON.parse(JSON.stringify(entries))).toEqual(entries);
  expect(entries).toContainEqual({ path: `${MEMORY}/memory10/state`, kind: "file", mode: 0o644, data: "online\n" });
  expect(entries).toContainEqual({
    path: `${MEMORY}/memory10/subsystem`,
    kind: "link",
    mode: 0o777,
    target: "../../../../bus/memory",
  });
  expect(entries).toContainEqual({ path: `${MEMORY}/memory10`, kind: "dir", mode: 0o755 });
});

test("a file that cannot be read is exported without data, and refuses again", () => {
  const entry = [...exportTree(live, MEMORY)].find(({ path }) => path.endsWith("/hard_offline_page"));
  expect(entry).toEqual({ path: `${MEMORY}/hard_offline_page`, kind: "file", mode: 0o200, errno: "EACCES" });
  expect(errnoOf(importTree([entry as ExportedEntry]).read(`${MEMORY}/hard_offline_page`))).toBe("EACCES");
});

test("files that are read by ranges are left out", () => {
  const paths = [...exportTree(live, "/proc")].map(({ path }) => path);
  expect(paths).toContain("/proc/buddyinfo");
  expect(paths).not.toContain("/proc/kpageflags");
  expect(errnoOf(importTree(exportTree(live, "/proc")).stat("/proc/kpagecount"))).toBe("ENOENT");
});

test("an imported file is read by ranges too", async () => {
  const copy = importTree(exportTree(live, MEMORY));
  expect(valueOf(await copy.readRange(`${MEMORY}/memory10/state`, 2, 3))).toBe("lin");
  expect(errnoOf(await copy.readRange(`${MEMORY}/probe`, 0, 1))).toBe("ENOENT");
});

test("another errno is kept", () => {
  const tree = importTree([{ path: "/sys/x", kind: "file", mode: 0o444, errno: "EIO" }]);
  expect(errnoOf(tree.read("/sys/x"))).toBe("EIO");
});

test("the order of the entries does not matter, and directories that nobody named are there", () => {
  const entries = [...exportTree(live, MEMORY)];
  const copy = importTree(entries.toReversed());
  expect(everything(copy, MEMORY)).toEqual(everything(importTree(entries), MEMORY));
  expect(valueOf(copy.list("/sys/devices"))).toEqual(["system"]);
});

describe("entries that are no tree are a bug of the caller", () => {
  const file = (path: string): ExportedEntry => ({ path, kind: "file", mode: 0o444, data: "" });
  test.each([
    ["a relative path", [file("sys/x")], "no absolute path"],
    ["the root", [file("/")], "no absolute path"],
    ["dots", [file("/sys/../x")], "no absolute path"],
    ["two of one name", [file("/x"), file("/x")], "two entries for /x"],
    ["one below a file", [file("/x"), file("/x/y")], 'below "x", which is a file'],
    ["a file where a directory is", [file("/x/y"), file("/x")], "two entries for /x"],
  ])("%s", (_, entries, message) => expect(() => importTree(entries)).toThrow(message));
});

test("a loop of links is ELOOP", () => {
  const link = (path: string, target: string): ExportedEntry => ({ path, kind: "link", mode: 0o777, target });
  const tree = importTree([link("/a", "b"), link("/b", "/a")]);
  expect(errnoOf(tree.read("/a"))).toBe("ELOOP");
  expect(errnoOf(tree.stat("/a/"))).toBe("ELOOP");
  expect(valueOf(tree.readlink("/a"))).toBe("b");
});

test("property: names come in natural order, whatever order they went in", () => {
  const ids = fc.uniqueArray(fc.nat({ max: 100_000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(ids, (numbers) => {
      const tree = importTree(numbers.map((id) => ({ path: `/memory${id}`, kind: "dir" as const, mode: 0o755 })));
      expect(valueOf(tree.list("/"))).toEqual(numbers.toSorted((a, b) => a - b).map((id) => `memory${id}`));
    }),
  );
});
