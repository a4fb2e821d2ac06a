import { expect, test } from "vitest";
import { readDocument, runDocument } from "../src/index.ts";

async function run(steps: readonly object[]) {
  const machine = { memory: "1G", slots: 2, maxmem: "4G", smp: 1, nodes: [] };
  const document = readDocument({ format: "memhp-scenario/1", name: "test", kernel: "6.1", machine, steps }, "test");
  return (await runDocument(document)).trace.steps;
}
const MEMORY = "/sys/devices/system/memory";
const state = { op: "read", path: "memory2/state" };

test("a scenario's shell writes files, as that of a recorded run does", async () => {
  const [written, refused, , read] = await run([
    { op: "sh", cmd: `echo offline > ${MEMORY}/memory2/state; cat /proc/meminfo` },
    { op: "sh", cmd: `echo offline > ${MEMORY}/memory0/state` },
    { op: "bg", name: "w", cmd: `echo online > ${MEMORY}/memory2/state` },
    state,
  ]);
  expect(written).toMatchObject({ result: null, uevents: ["offline@/devices/system/memory/memory2"] });
  expect(refused).toMatchObject({ result: null, refusal: { errno: "EINVAL", code: "mixed_zones", block: 0 } });
  expect(read?.result).toMatchObject({ data: "online\n" });
});

test("a scenario's programs use memory until they are killed, and are told where there is none", async () => {
  const free = { op: "read", path: "/proc/meminfo" };
  const steps = await run([
    free,
    { op: "bg", name: "a", cmd: "load anon 256" },
    free,
    { op: "kill", name: "a" },
    free,
    { op: "bg", name: "b", cmd: "load anon 4000" },
  ]);
  const mib = [0, 2, 4].map((i) => {
    const { data } = (steps[i]?.result ?? { data: "" }) as { data: string };
    return Math.floor(Number(/MemFree: +(\d+)/.exec(data)?.[1]) / 1024);
  });
  expect((mib[0] ?? 0) - (mib[1] ?? 0)).toBe(256);
  expect(mib[2]).toBe(mib[0]);
  expect(steps[5]).toMatchObject({ result: null, refusal: { errno: "ENOMEM", code: "no_target_memory" } });
});

test.for([
  ["load nothing 5", "bg: cmd: load nothing is not known (allowed: anon, "],
  ["load anon 5 9", "bg: cmd: load anon: node 9 does not exist (nodes: 0)"],
  ["load anon much", "bg: cmd: load anon: expected a size above 0, found much"],
])("a program that makes no sense is refused: %s", async ([cmd = "", message = ""]) => {
  await expect(run([{ op: "bg", name: "a", cmd }])).rejects.toThrow(message);
});
