import { expect, test } from "vitest";
import { type Uevent, UeventFaults } from "../src/index.ts";

const event = (action: string, seqnum: number, block = 32): Uevent => ({
  action,
  devpath: `/devices/system/memory/memory${block}`,
  subsystem: "memory",
  seqnum,
  atNs: 0,
  env: {},
});

test("uevents are lost and doubled, each n-th or so many, and SEQNUM tells", () => {
  const faults = new UeventFaults();
  faults.add({ action: "add", devpath: "*/memory[0-9]*", effect: "lost", every: 2 });
  faults.add({ action: "*", devpath: "*/memory33", effect: "doubled", times: 1 });
  const passed = [
    event("add", 1),
    event("add", 2),
    event("add", 3),
    event("remove", 4),
    event("change", 5, 33),
    event("change", 6, 33),
  ]
    .flatMap((each) => faults.pass(each))
    .map(({ seqnum }) => seqnum);
  expect(passed).toEqual([1, 3, 4, 5, 5, 6]);
  expect([faults.list().length, faults.clear(), faults.pass(event("add", 7)).length]).toEqual([2, 2, 1]);
  expect(() => faults.add({ action: "add", devpath: "*", effect: "lost", every: 0 })).toThrow(
    "every: expected a whole",
  );
});
