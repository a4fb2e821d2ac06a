import { dimmsOf } from "@memhp/devices";
import { expect, test } from "vitest";
import { bootMachine, parseMachineSpec, snapshot } from "../src/index.ts";

test("max_pfn stays where a DIMM was that came and went while nobody looked (fs/proc/page.c)", async () => {
  const spec = parseMachineSpec({
    nodes: [],
    memory: "1G",
    smp: 1,
    slots: 2,
    maxmem: "4G",
    cmdline: "memhp_default_state=offline",
  });
  const machine = await bootMachine(spec, { kernel: "6.12" });
  await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: 2 ** 27, node: 0 });
  await dimmsOf(machine).eject("d0");
  expect(dimmsOf(machine).list()).toEqual([]);
  expect((await snapshot(machine)).memory.endPfn).toBe((2 ** 32 + 2 ** 27) / 4096);
  await machine.close();
});
