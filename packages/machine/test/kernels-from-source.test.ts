import { kernels } from "@memhp/kernels";
import { afterEach, expect, test } from "vitest";
import type { Machine } from "../src/index.ts";
import { FIRST, type Lab, lab as openLab } from "./lab.ts";

const fromSource = kernels.filter(({ recordedRuns }) => recordedRuns === 0).map(({ id }) => id);
let machine: Machine | undefined;
afterEach(() => machine?.close());

async function lab(kernel: string): Promise<Lab> {
  const opened = await openLab(kernel);
  ({ machine } = opened);
  return opened;
}

test.each(fromSource)("%s: a DIMM comes, goes online and away, and no page is lost", async (kernel) => {
  const { online, load, write, machine: opened } = await lab(kernel);
  await online("online_movable", FIRST + 1, FIRST + 2);
  await load("db", "anon", 64 * 2 ** 20);
  expect(await write(FIRST + 1, "offline")).toMatchObject({ errno: 0 });
  expect(await opened.pages.audit()).toEqual([]);
});

test.each([
  // Not the hole refuses there, but its struct pages, which are reserved.
  ["5.4", "EBUSY"],
  ["4.18", "EINVAL"],
  ["5.10", "EINVAL"],
] as const)("%s: a hole refuses an offline by itself, or not (facts §10)", async (kernel, errno) => {
  const { machine: opened } = await lab(kernel);
  const result = await opened.offline(15);
  expect(result.ok ? 0 : result.refusal.errno).toBe(errno);
});

test.each([
  ["5.4", "EINVAL"],
  ["5.10", 0],
] as const)("%s: auto_online_blocks takes a zone or not (facts §2.6)", async (kernel, errno) => {
  const { machine: opened } = await lab(kernel);
  const path = "/sys/devices/system/memory/auto_online_blocks";
  expect((await opened.write(path, "online_movable")).errno).toBe(errno);
  expect((await opened.write(path, "online")).errno).toBe(0);
});

test.each([
  ["5.15", "EINVAL"],
  ["6.6", 0],
] as const)("%s: the file online takes true or not (lib/kstrtox.c)", async (kernel, errno) => {
  const { machine: opened } = await lab(kernel);
  const path = `/sys/devices/system/memory/memory${FIRST}/online`;
  expect((await opened.write(path, "true")).errno).toBe(errno);
  expect((await opened.write(path, "off")).errno).toBe(0);
});

test.each([
  ["5.15", 0],
  ["6.6", "EHWPOISON"],
] as const)("%s: a block with a poisoned page goes online or not (facts §3.2 step 1)", async (kernel, errno) => {
  const { online, write, machine: opened } = await lab(kernel);
  await online("online_movable", FIRST);
  await opened.pages.offlinePage("hard", FIRST * 2 ** 27);
  await write(FIRST, "offline");
  expect((await write(FIRST, "online")).errno).toBe(errno);
});

test.each([
  ["6.6", false],
  ["6.8", true],
] as const)("%s: callbacks hear of MEM_PREPARE_ONLINE or not (facts §3.3)", async (kernel, hear) => {
  const { online, events } = await lab(kernel);
  await online("online_movable", FIRST);
  expect(events.some((event) => event.type === "notifier" && event.action === "MEM_PREPARE_ONLINE")).toBe(hear);
});

test.each([
  ["5.10", undefined],
  ["5.15", "contig-zones\n"],
] as const)("%s: there are parameters of memory_hotplug or not (facts §8)", async (kernel, policy) => {
  const { machine: opened } = await lab(kernel);
  const read = opened.files.read("/sys/module/memory_hotplug/parameters/online_policy");
  expect(read.ok ? read.value : undefined).toBe(policy);
});
