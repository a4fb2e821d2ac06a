import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const board = { memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes: [] };
const scenario = (steps: readonly object[], machine: object = board): string =>
  JSON.stringify({ format: "memhp-scenario/1", kernel: "6.1", machine, steps });
const recorded = (step: object): string =>
  JSON.stringify({ format: "memhp-kernel-trace/1", kernel: "4.1", machine: board, steps: [{ step, result: {} }] });
const yaml = (line: string): string =>
  ["format: memhp-scenario/1", 'kernel: "6.1"', "machine: { memory: 2G }", line].join("\n");
const deep = (text: string, depth = 100_000): string => text.replace("@", "[".repeat(depth) + "]".repeat(depth));
const dimm = { op: "dimm_add", id: "d0", size: "128M" };

/** Files by name, each with what the one line of its refusal says, or null where it works. */
const files = new Map<string, readonly [text: string, message: string | null]>(
  Object.entries({
    "wait-before-now.json": [scenario([dimm, { op: "dimm_del", id: "d0", wait: -1 }]), "step 1: dimm_del: wait: "],
    "wait-nan.yaml": [yaml("steps: [{ op: wait, ms: .nan }]"), "step 0: wait: ms: "],
    "wait-infinite.yaml": [yaml("steps: [{ op: wait, s: .inf }]"), "step 0: wait: s: "],
    "wait-ages.json": [scenario([{ op: "wait", ms: 1e300 }]), "step 0: wait: ms: "],
    "load-of-the-language.json": [
      recorded({ op: "bg", name: "a", cmd: "load constructor 5" }),
      "load constructor is not",
    ],
    "load-nowhere.json": [recorded({ op: "bg", name: "a", cmd: "load anon 5 9" }), "node 9 does not exist"],
    "op-of-the-language.json": [recorded({ op: "constructor" }), 'unknown op "constructor"'],
    "op-proto.json": [scenario([{ op: "__proto__" }]), 'unknown op "__proto__"'],
    "memlog-proto.json": [scenario([{ op: "memlog", data: "__proto__ 0 1 1" }]), "verb __proto__ is not known"],
    "memlog-nowhere.json": [scenario([{ op: "memlog", data: "hold 1 100" }]), "node 1 does not exist"],
    "errno-none.json": [scenario([{ op: "inject", action: "MEM_GOING_ONLINE", errno: "EFOO" }]), "inject: errno: "],
    "huge-block.json": [scenario([], { ...board, block_size: "1P" }), "machine.block_size: "],
    "huge-memory.json": [scenario([], { memory: "4P", maxmem: "5P" }), "machine.memory: expected at most 64T"],
    "huge-nodes.json": [scenario([], { nodes: { count: 1024, memory: "1P" } }), "machine.memory: expected at most 64T"],
    "many-dimms.json": [
      scenario([], { nodes: { count: 1, memory: "1G" }, dimms: { per_node: 1_000_000, size: "128M" } }),
      "machine.dimms.per_node: ",
    ],
    "hugepages-of-nothing.json": [scenario([], { ...board, cmdline: "hugepagesz=0 hugepages=99999" }), null],
    "many-steps.json": [scenario(Array.from({ length: 20_000 }, () => ({ op: "wait", ms: 1 }))), null],
    "deep-expect.json": [
      deep(scenario([{ op: "state", expect: "@" }]).replace('"@"', "@")),
      "nested more than 64 deep",
    ],
    "deep-format.json": [deep('{"format":@}'), "nested more than 64 deep"],
    "itself-blocks.yaml": [yaml("steps: [{ op: online, blocks: &b [*b] }]"), "contains itself"],
    "itself-seed.yaml": [yaml("seed: &s [*s]\nsteps: []"), "contains itself"],
    "no-text.json": ["", ""],
    "nul.yaml": ["\0\0\0", ""],
  }),
);

const folder = mkdtempSync(join(tmpdir(), "memhp-hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Answer {
  readonly exitCode: number;
  readonly stderr: string;
}

const program = fileURLToPath(new URL("hostile-files-program.ts", import.meta.url));
const PATIENCE_MS = 20_000;

/** One process for all files. It is killed where nothing comes from it any more. */
async function runAll(paths: readonly string[]): Promise<Answer[]> {
  const args = ["--conditions=@memhp/source", "--max-old-space-size=1024", program, ...paths];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const answers: Answer[] = [];
  const kill = (): NodeJS.Timeout => setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  let timer = kill();
  for await (const line of createInterface(child.stdout)) {
    clearTimeout(timer);
    timer = kill();
    answers.push(JSON.parse(line) as Answer);
  }
  clearTimeout(timer);
  return answers;
}

test("a hostile file ends the run with exit code 2 and one line that names the place, or works", async () => {
  const paths = [...files.keys()].map((name) => join(folder, name));
  for (const [name, [text]] of files) writeFileSync(join(folder, name), text);
  const answers = await runAll(paths);
  for (const [i, [name, [, message]]] of [...files].entries()) {
    const { exitCode, stderr } = answers[i] ?? { exitCode: -1, stderr: "did not end" };
    const [first = "", ...rest] = stderr.split("\n");
    expect([name, exitCode, rest]).toEqual([name, message === null ? 0 : 2, message === null ? [] : [""]]);
    if (message === null) expect(first).toBe("");
    else expect(first).toContain(message === "" ? name : message);
  }
});
