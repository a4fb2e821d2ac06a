import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { expect, test } from "vitest";
import { deviceStates } from "../src/host/device-state-view.ts";

test("driver-managed memory, virtio-mem and a balloon say what they are at", async () => {
  const spec = parseMachineSpec({
    nodes: { count: 1, memory: "1G" },
    cmdline: "memhp_default_state=offline",
    balloon: true,
    dax: [{ source: "cxl", size: "256M" }],
    virtio_mem: [{ id: "v0", size: "1G", requested: "128M" }],
  });
  const machine = await bootMachine(spec, { kernel: "6.12" });
  await machine.loadModule("kmem");
  expect(deviceStates(machine)).toEqual([
    { id: "dax0.0", words: "256M of cxl · kmem has it · 0 of 2 blocks online" },
    { id: "v0", words: "0 of 1G plugged · 128M requested · no driver" },
    { id: "balloon0", words: "0 in the balloon · the guest has 1G · no driver" },
  ]);
});
