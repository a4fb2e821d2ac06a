import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { type StepRequest, StepRunner } from "@memhp/scenario";
import { isDeed, Prompt } from "@memhp/shell";
import { expect, test } from "vitest";

test("what a line does is carried out as steps by whoever drives the prompt, and nothing else is done", async () => {
  const machine = await bootMachine(parseMachineSpec({ nodes: { count: 1, memory: "1G" }, slots: 2, maxmem: "4G" }), {
    kernel: "6.12",
  });
  machine.autoOnline = "offline";
  const runner = new StepRunner(machine);
  const steps: StepRequest[] = [];
  const [printed, warned] = [[] as string[], [] as string[]];
  const prompt = new Prompt(machine, {
    print: (text) => printed.push(text),
    warn: (text) => warned.push(text),
    async perform(step) {
      steps.push(step);
      const { result, refusal } = await runner.perform(step);
      return { result, ...(refusal === undefined ? {} : { refusal }) };
    },
  });
  const lines = ["dimm_add d0 256M", "echo online_movable > memory32/state", "chmem -e 1", "wait 2", "dimm_del d0"];
  for (const line of [...lines, "cat memory33/state", "echo hello"]) await prompt.line(line);
  expect(steps).toEqual([
    { op: "dimm_add", id: "d0", size: "256M", node: 0 },
    { op: "write", path: "/sys/devices/system/memory/memory32/state", data: "online_movable\n" },
    { op: "wait", s: 2 },
    { op: "dimm_del", id: "d0" },
  ]);
  // chmem(8) takes whole blocks only; the DIMM left with its blocks.
  expect(warned).toEqual([
    "chmem: Size must be aligned to memory block size (128M)\n",
    "cat: memory33/state: No such file or directory\n",
  ]);
  expect(printed).toEqual(["hello\n"]);

  await prompt.line("dimm_add d0");
  await prompt.line("echo bogus > memory0/state");
  expect(warned.slice(2).map((text) => text.split("\n")[0])).toEqual([
    "dimm_add: SIZE is missing",
    "echo: write error: Invalid argument",
  ]);
  expect(steps.at(-1)).toEqual({ op: "write", path: "/sys/devices/system/memory/memory0/state", data: "bogus\n" });
  prompt.close();
  await machine.close();
});

test("a driver that is loaded already is no failure of modprobe, as with modprobe(8)", async () => {
  const machine = await bootMachine(parseMachineSpec({ nodes: { count: 1, memory: "1G" }, balloon: true }), {
    kernel: "6.12",
  });
  const warned: string[] = [];
  const prompt = new Prompt(machine, { print: () => {}, warn: (text) => warned.push(text) });
  for (const line of ["modprobe virtio_balloon", "modprobe virtio_balloon"]) await prompt.line(line);
  expect([prompt.status, warned]).toEqual([0, []]);
  prompt.close();
  await machine.close();
});

test.each([
  ["cat x", false],
  ["echo x", false],
  ["nonsense", false],
  ["echo 'x", false],
  ["", false],
  ["echo x > y", true],
  ["chmem -e 1", true],
  ["step online blocks=all", true],
])("%j may change the machine: %s", (line, may) => {
  expect(isDeed(line)).toBe(may);
});
