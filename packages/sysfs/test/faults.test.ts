import { done, refused } from "@memhp/abi";
import { describe, expect, test } from "vitest";
import { faultyReads, FileFaults, importTree, parseFault } from "../src/index.ts";

const STATE = "/sys/devices/system/memory/memory40/state";

function faulty(...rules: string[]) {
  const faults = new FileFaults(() => 0.5);
  for (const rule of rules) faults.add(parseFault(rule.split(" ")));
  const tree = importTree([{ path: STATE, kind: "file", mode: 0o644, data: "online\n" }]);
  return { faults, tree: faultyReads(tree, faults) };
}

/** What so many reads give: the text, or the errno. */
function reads({ tree }: ReturnType<typeof faulty>, times: number): unknown[] {
  return Array.from({ length: times }, () => {
    const read = tree.read(STATE);
    return read.ok ? read.value : read.refusal.errno;
  });
}

describe("when a fault strikes", () => {
  const fine = "online\n";
  test.each([
    ["read EIO", ["EIO", "EIO", "EIO", "EIO"]],
    ["read EIO once", ["EIO", fine, fine, fine]],
    ["read errno=16 first=2", ["EBUSY", "EBUSY", fine, fine]],
    ["read EIO every=2", [fine, "EIO", fine, "EIO"]],
    ["read EIO p=0.6", ["EIO", "EIO", "EIO", "EIO"]],
    ["read EIO p=0.4", [fine, fine, fine, fine]],
    ["read texts=offline,going-offline every=2", [fine, "offline\n", fine, "going-offline\n"]],
    ["write EIO", [fine, fine, fine, fine]],
  ])("%s", (rule, expected) => {
    expect(reads(faulty(`${STATE} ${rule}`), 4)).toEqual(expected);
  });

  test("a star is a part of a name, two are any path, and the first fault that strikes counts", () => {
    const lab = faulty("/sys/*/state read ENOMEM", "/sys/**/memory4*/state read EIO once", "/** read ENXIO once");
    expect(reads(lab, 3)).toEqual(["EIO", "ENXIO", fine]);
    expect(lab.faults.list().map(({ id, met, struck }) => [id, met, struck])).toEqual([
      [1, 0, 0],
      [2, 3, 1],
      [3, 2, 1],
    ]);
  });

  test("a file that is not there yet: lookups fail, and then it is", () => {
    const { tree, faults } = faulty(`${STATE} lookup ENOENT first=2`);
    expect([tree.stat(STATE).ok, tree.stat(STATE).ok, tree.stat(STATE).ok]).toEqual([false, false, true]);
    expect([faults.remove(7), faults.remove(), faults.isEmpty]).toEqual([0, 1, true]);
  });
});

describe("a fault that makes no sense is refused", () => {
  test.each([
    ["state read EIO", 'expected an absolute path, found "state"'],
    ["/x eat EIO", 'operation "eat" is not known (allowed: lookup, list, read, write)'],
    ["/x read EWRONG", '"EWRONG" is not understood (expected PATH OPERATION'],
    ["/x read every=0", '"every=0" is not understood'],
    ["/x read p=2", '"p=2" is not understood'],
    ["/x read", "a fault needs an errno, a delay or texts"],
    ["/x write texts=a", "texts: one or more, for reads only"],
    ["/x read delay=1s", "delay: simulated time from 0, for writes only"],
  ])("%s", (rule, message) => {
    expect(() => faulty(rule)).toThrow(message);
  });

  test("a delay has a unit, and is whole nanoseconds", () => {
    expect(parseFault(["/x", "write", "delay=1.5ms", "EINTR"])).toEqual({
      path: "/x",
      operation: "write",
      when: { kind: "always" },
      delayNs: 1_500_000,
      errno: "EINTR",
    });
  });
});

test("a tree without faults is the tree", () => {
  const { tree } = faulty();
  expect(tree.read(STATE)).toEqual(done("online\n"));
  expect(tree.list("/nothing")).toEqual(refused(expect.objectContaining({ errno: "ENOENT" })));
});
