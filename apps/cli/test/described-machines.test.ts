import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Trace } from "@memhp/scenario";
import { expect, test } from "vitest";
import { memhp } from "./test-host.ts";

const described = (name: string): string =>
  fileURLToPath(new URL(`../../../packages/capture/test/descriptions/${name}`, import.meta.url));

const steps = [
  { op: "block", n: 33, v: "offline" },
  { op: "block", n: 33, v: "online_movable" },
];
const machine = { nodes: { count: 1, memory: "1G" } };
const files = {
  "s.json": JSON.stringify({ format: "memhp-scenario/1", kernel: "6.12", machine, steps }),
  "vm.sh":
    "qemu-system-x86_64 -M q35 -m 2G,slots=2,maxmem=8G -object memory-backend-ram,id=m0,size=256M -device pc-dimm,memdev=m0 -nographic\n",
};

test.for([
  ["lsmem.json", /describes, on 6\.12; 13 blocks\.\n.*lsmem does not tell: .*\n.*all of them are free\.\nBut 2 blocks/],
  ["dmesg.txt", /describes, on 6\.12; 13 blocks\.\nA log does not tell: /],
  ["topology.xml", /booted with 6\.12\.\nA topology does not tell: addresses, blocks/],
  ["vm.sh", /booted with 6\.12\.\nLeft out, as it says nothing of memory: -nographic/],
] as const)("a run starts with the machine that %s describes, and says what it does not tell", async ([name, head]) => {
  const from = name === "vm.sh" ? name : described(name);
  const { exitCode, stderr, stdout } = await memhp(["run", "s.json", "--json", "--from", from, "--kernel", "6.12"], {
    files,
  });
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(head);
  const { kernel, steps: done } = JSON.parse(stdout) as Trace;
  expect([kernel, done.length]).toEqual(["6.12", 2]);
});

test("lsmem prints again what lsmem printed", async () => {
  const { exitCode, stdout, stderr } = await memhp(["lsmem", described("lsmem.json"), "--kernel", "6.12"]);
  expect([exitCode, stderr]).toEqual([
    0,
    expect.stringMatching(/^Starts with the memory that .*lsmem\.json describes/),
  ]);
  expect(stdout).toMatch(/^0x0000000120000000-0x0000000127ffffff +128M +offline +36$/m);
  expect(stdout).toMatch(/^Total online memory: +1\.5G$/m);
});

test("what is missing is refused with its place", async () => {
  const lsmem = '{ "memory": [ {"range": "0x00000000-0x07ffffff", "size": "128M", "state": "online", "block": "0"} ] }';
  const { exitCode, stderr } = await memhp(["run", "s.json", "--from", "short.json"], {
    files: { ...files, "short.json": lsmem },
  });
  expect([exitCode, stderr]).toEqual([
    2,
    "memhp run: short.json: memory[0]: zones is missing; ask with lsmem -J -o RANGE,STATE,REMOVABLE,BLOCK,NODE,ZONES\n",
  ]);
});

test("an offline block has no zone that a kernel could need which binds memory when it is added", async () => {
  const { exitCode, stderr } = await memhp(["lsmem", described("lsmem.json"), "--kernel", "4.1"]);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/block 36 is offline, .* choose a newer --kernel/)]);
});

test.for([
  ["lsmem.json", "lsmem does not tell: "],
  ["dmesg.txt", "A log does not tell: "],
  ["topology.xml", "A topology does not tell: "],
] as const)("%s may come on standard input, for a look and for a run", async ([name, notes]) => {
  const input = { ...files, "-": readFileSync(described(name), "utf8") };
  for (const args of [
    ["blocks", "-"],
    ["explain", "-"],
    ["run", "s.json", "--from", "-"],
  ]) {
    const { exitCode, stderr, stdout } = await memhp(args, { files: input });
    expect([args[0], exitCode]).toEqual([args[0], 0]);
    // A run tells it in the head of what it prints.
    const told = args[0] === "run" ? stdout : stderr;
    expect(told).toContain("that (standard input) describes, ");
    expect(told).toContain(notes);
    expect(stdout).not.toBe("");
  }
});

test("a run may start with the image or the QEMU command line that comes on standard input", async () => {
  const saved = await memhp(["run", "s.json", "--from", "vm.sh", "--save", "left.memhp"], { files });
  expect(saved.exitCode).toBe(0);
  const image = saved.written.get("left.memhp") ?? "";
  for (const input of [image, files["vm.sh"]])
    expect((await memhp(["run", "s.json", "--from", "-"], { files: { ...files, "-": input } })).exitCode).toBe(0);
  const { exitCode, stderr } = await memhp(["run", "s.json", "--from", "-"], { files: { ...files, "-": "hello\n" } });
  expect([exitCode, stderr]).toEqual([2, "memhp run: -: is no image of a machine\n"]);
});
