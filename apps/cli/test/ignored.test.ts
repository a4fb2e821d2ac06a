import { afterAll, beforeAll, expect, test } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLineFile } from "../src/output/line-file.ts";
import { memhp } from "./test-host.ts";

const scenario = (config = "", steps = "[]"): string => `format: memhp-scenario/1
name: odd words
kernel: "6.12"
${config}
machine: { memory: 1G, slots: 2, maxmem: 2G, nodes: [], cmdline: "hugpages=4" }
steps: ${steps}
`;
const files = { "s.yaml": scenario() };
const LINE = "ignored machine.cmdline: hugpages=4 (memhp does not know this word)\n";

const folder = mkdtempSync(join(tmpdir(), "memhp-ignored-"));
beforeAll(async () => {
  const toDisk = { createFile: (file: string) => createLineFile(file) };
  await memhp(["run", "s.yaml", "-q", "--save", join(folder, "m.image")], { files, ...toDisk });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

test.for([
  ["zones", "s.yaml"],
  ["blocks", "s.yaml"],
  ["lsmem", "s.yaml"],
  ["explain", "s.yaml"],
  ["shell", "--builtin", "-c", "ls /sys", "s.yaml"],
  ["export", join(folder, "tree"), "s.yaml"],
])("memhp %s lists words that are not carried out beside what it prints", async (args) => {
  const { stderr, stdout } = await memhp(args, { files });
  expect(stderr).toContain(LINE);
  expect(stdout).not.toContain("hugpages");
});

test.for([["zones"], ["blocks"], ["explain"]])("memhp %s --json has them too", async ([command = ""]) => {
  const { stdout } = await memhp([command, "s.yaml", "--json"], { files });
  expect((JSON.parse(stdout) as { readonly ignored?: unknown }).ignored).toEqual([
    { where: "machine.cmdline", word: "hugpages=4", why: "memhp does not know this word" },
  ]);
});

test("memhp compare lists them by kernel", async () => {
  const { stdout, stderr } = await memhp(["compare", "s.yaml", "--kernel", "6.1", "--kernel", "6.12", "--json"], {
    files,
  });
  expect(stderr).toContain(`6.1: ${LINE}6.12: ${LINE}`);
  expect(Object.keys((JSON.parse(stdout) as { readonly ignored: object }).ignored)).toEqual(["6.1", "6.12"]);
});

test("memhp run --from lists what FILE says of a machine of its own", async () => {
  const from = ["--from", join(folder, "m.image")];
  const { stdout } = await memhp(["run", "s.yaml", ...from], { files });
  expect(stdout).toContain("ignored     kernel: 6.12");
  expect(stdout).toContain("ignored     machine: memory, slots, maxmem, nodes, cmdline");
  const bare = { "b.yaml": "format: memhp-scenario/1\nsteps: []\n" };
  expect((await memhp(["run", "b.yaml", ...from], { files: bare })).stdout).not.toContain("ignored     kernel");
});

test("--jsonl begins with what happens at boot", async () => {
  const dimm = "machine: { nodes: { count: 1, memory: 1G }, dimms: { per_node: 1, size: 256M } }";
  const cold = { "c.yaml": scenario().replace(/^machine:.*$/m, dimm) };
  const { written } = await memhp(["run", "c.yaml", "-q", "--jsonl", "e"], { files: cold });
  const events = (written.get("e") ?? "")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { devpath?: string });
  expect(events.map(({ devpath }) => devpath)).toContain("/devices/system/memory/memory32");
});

test.for([
  [["--config", "MEMORY_HOTREMOVE"], "is no switch with its value"],
  [["--config", "MEMORY_HOTREMOVE=maybe"], "is no switch with its value"],
  [["--config", "MEMORY_HOTREMVOE=n"], "6.12 has no such switch"],
  [["--config", "SPARSEMEM=n"], "nothing else is allowed"],
] as const)("%s is refused", async ([args, why]) => {
  const { exitCode, stderr } = await memhp(["zones", "s.yaml", ...args], { files });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(why)]);
});

test("--config is for every command that boots a machine, before the file's own", async () => {
  const own = { "s.yaml": scenario("config: { MEMORY_HOTREMOVE: false }") };
  const removable = async (...args: readonly string[]): Promise<string> => {
    const read = ["shell", "--builtin", "-c", "cat /sys/devices/system/memory/memory1/removable", "s.yaml"];
    return (await memhp([...read, ...args], { files: own })).stdout;
  };
  expect(await removable()).toBe("0\n");
  expect(await removable("--config", "CONFIG_MEMORY_HOTREMOVE=y")).toBe("1\n");
});

test("explain says why there are no blocks", async () => {
  const { stdout } = await memhp(["explain", "s.yaml", "--config", "MEMORY_HOTPLUG=n"], { files });
  expect(stdout).toContain("Memory has no blocks: this kernel was built without CONFIG_MEMORY_HOTPLUG.");
});

test("run says at its head how the kernel was built, with what went along", async () => {
  const { stdout } = await memhp(["run", "s.yaml", "--config", "MIGRATION=n"], { files });
  expect(stdout.split("\n")[0]).toMatch(/kernel +6\.12, built with MEMORY_HOTREMOVE=n MIGRATION=n COMPACTION=n/);
});
