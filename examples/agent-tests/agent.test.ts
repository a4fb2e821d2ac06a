// An agent that onlines memory, tested against machines that fail on purpose. The agent only needs to read and write files, so it is given the
// machine's; for a program that opens real files see `startTestMachine` of @memhp/mount.
import { dimmsOf } from "@memhp/devices";
import { bootMachine, type Machine, parseMachineSpec } from "@memhp/machine";
import { parseFault } from "@memhp/sysfs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Files, onlineAll } from "./agent.ts";

const state = (block: number): string => `/sys/devices/system/memory/memory${block}/state`;
let machine: Machine;
/** The machine's own door: files that fail on purpose fail there. */
const files = (): Files => ({
  list: (path) => machine.files.list(path),
  read: (path) => machine.files.read(path),
  write: (path, data) => machine.write(path, data),
});

beforeEach(async () => {
  const cmdline = "memhp_default_state=offline";
  const spec = parseMachineSpec({ memory: "2G", slots: 4, maxmem: "8G", nodes: [], cmdline });
  machine = await bootMachine(spec, { kernel: "6.12" });
  await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: 2 ** 28, node: 0 });
});
afterEach(async () => machine.close());

test("memory that has come goes online as movable", async () => {
  expect(await onlineAll(files())).toEqual({ online: [32, 33], given_up: [] });
  expect(machine.files.read("/sys/devices/system/memory/memory33/valid_zones")).toMatchObject({ value: "Movable\n" });
});

test("a block that is refused once is tried again", async () => {
  machine.faults.add(parseFault([state(32), "write", "ENOMEM", "once"]));
  expect(await onlineAll(files())).toEqual({ online: [33, 32], given_up: [] });
});

test("a block that is always refused is given up, and the other one goes online all the same", async () => {
  machine.faults.add(parseFault([state(32), "write", "EBUSY", "always"]));
  expect(await onlineAll(files())).toEqual({ online: [33], given_up: [32] });
});
