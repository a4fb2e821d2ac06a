import { expect, test } from "vitest";
import { readDocument, runDocument, type TraceStep } from "../src/index.ts";

async function stepsOf(machine: object, steps: readonly object[], more: object = {}): Promise<readonly TraceStep[]> {
  const raw = { format: "memhp-scenario/1", name: "test", kernel: "6.1", machine, steps, ...more };
  return (await runDocument(readDocument(raw, "test"))).trace.steps;
}

const guest = (memory: string, cmdline = ""): object => ({ memory, slots: 4, maxmem: "300G", nodes: [], cmdline });
const dimm = (size: string): object => ({ op: "dimm_add", id: "d0", size });
const blocks = { op: "online", blocks: "offline" };

// 64 bytes for each 4K page: 12G want 192M, 256G want 4G.
test.for([
  ["12G", "256M", {}],
  ["256G", "128M", {}],
  ["256G", "2G", { given: { unmovable_boot_blocks: [] } }],
] as const)("a DIMM of %s into %s: struct pages find no room, and no block comes", async ([size, memory, more]) => {
  const [added, onlined] = await stepsOf(guest(memory), [dimm(size), blocks], more);
  expect(added?.refusal).toMatchObject({ errno: "ENOMEM", code: "no_target_memory" });
  expect(onlined?.result).toMatchObject({ requested: 0 });
});

test.for([
  ["memory_hotplug.memmap_on_memory=1", "6.1"],
  ["", "6.1"],
] as const)("with %j a 6.1 is told that only DIMMs of one block hold their own struct pages", async ([cmdline]) => {
  const [added] = await stepsOf(guest("300M", cmdline), [dimm("24G")]);
  const remedy = added?.refusal?.remedy.join("; ") ?? "";
  expect(remedy).toContain("DIMMs of one block (128M), each onlined before the next");
  expect(remedy.includes("given at boot")).toBe(cmdline === "");
});

test("small DIMMs, each onlined before the next, bring what one DIMM of all could not", async () => {
  const cmdline = "memhp_default_state=online memory_hotplug.memmap_on_memory=1";
  const ids = ["a", "b", "c"];
  const steps = await stepsOf(
    guest("300M", cmdline),
    ids.map((id) => ({ op: "dimm_add", id, size: "128M" })),
  );
  expect(steps.map(({ refusal }) => refusal)).toEqual(ids.map(() => undefined));
});

test("an empty pool of hugepages is said to be empty, whatever else is free; a filled one serves", async () => {
  const load = { op: "load", id: "h", kind: "hugetlb", size: "64M" };
  const path = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";
  const [refused, , read, served] = await stepsOf(guest("4G"), [
    load,
    { op: "write", path, data: "64\n" },
    { op: "read", path },
    load,
  ]);
  expect(refused?.refusal).toMatchObject({ errno: "ENOMEM" });
  expect(refused?.refusal?.detail).toContain("no free hugepage in the pool");
  expect(refused?.refusal?.remedy[0]).toContain("nr_hugepages");
  expect(read?.result).toMatchObject({ data: "64\n" });
  expect(served).not.toHaveProperty("refusal");
});

test("an offline that nobody ends is ended by whoever waited, and the answer says so", async () => {
  const [, , own] = await stepsOf(guest("2G", "memhp_default_state=online_movable"), [
    dimm("128M"),
    { op: "load", id: "gpu", kind: "pinned", size: "4M" },
    { op: "block", n: "${d0.first}", v: "offline" },
  ]);
  expect(own?.refusal).toMatchObject({ errno: "EINTR", code: "signal" });
  expect(own?.refusal?.rule).toContain("nobody sent one, so whoever waited did after 120 s");
  const [, , sent] = await stepsOf(guest("2G", "memhp_default_state=online_movable"), [
    dimm("128M"),
    { op: "load", id: "gpu", kind: "pinned", size: "4M" },
    { op: "block", n: "${d0.first}", v: "offline", timeout_ms: 3000 },
  ]);
  expect(sent?.refusal?.rule).toBe("facts §4.2 step 9: only a signal ends the attempt, there is no timeout");
});
