import { expect, test } from "vitest";
import { readDocument, runDocument } from "../src/index.ts";

const machine = {
  memory: "1G",
  smp: 1,
  slots: 4,
  maxmem: "8G",
  nodes: [],
  cmdline: "memhp_default_state=online_movable",
  extra: ["-device", "virtio-balloon-pci"],
};
const steps = [
  { op: "insmod", mod: "virtio_balloon" },
  { op: "dimm_add", id: "d0", size: "512M" },
  { op: "load", id: "p", kind: "pinned", size: "300M" },
];
/** A kernel that offlines in its own name loses no patience (facts §4.2 step 9). */
const offline = { op: "memlog", data: "offrem 0 100000000 8000000" };
const run = async (...more: readonly object[]) => {
  const plain = { format: "memhp-scenario/1", name: "for ever", kernel: "6.12", machine, steps: [...steps, ...more] };
  return (await runDocument(readDocument(plain, "test"), {})).trace.steps.at(-1)?.result;
};

test("what never ends beside a balloon that tries again every 200 ms is told after the time that its step has", async () => {
  const balloon = { op: "balloon", size: "1M", wait: 1 };
  expect(await run(balloon, offline)).toMatchObject({ timed_out_signal: true });
});

test("where nothing happens by itself, nothing could ever end it: that is an error", async () => {
  await expect(run(offline)).rejects.toThrow(/would wait for ever/);
});
