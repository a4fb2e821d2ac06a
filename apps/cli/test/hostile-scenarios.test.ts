import { expect, test } from "vitest";
import { memhp } from "./test-host.ts";

const machine = '{ "memory": "2G", "slots": 4, "maxmem": "8G", "smp": 2, "nodes": [] }';
const scenario = (steps: string, board = machine, kernel = "6.1"): string =>
  `{ "format": "memhp-scenario/1", "kernel": "${kernel}", "machine": ${board}, "steps": [${steps}] }`;
const trace = (step: string): string =>
  `{ "format": "memhp-kernel-trace/1", "name": "x", "kernel": "4.1", "machine": ${machine}, "steps": [{ "step": ${step}, "result": {} }] }`;
const yaml = (machine: string, rest: string): string =>
  `format: memhp-scenario/1\nkernel: "6.1"\nmachine: ${machine}\n${rest}`;
const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

/** Each ends with exit code 2 and one line that names the place. */
const refused: readonly (readonly [what: string, text: string, place: string])[] = [
  [
    "a load of a kind that is a word of the language",
    trace('{ "op": "bg", "name": "a", "cmd": "load constructor 5" }'),
    "step 0: bg: cmd: load constructor is not known",
  ],
  [
    "a load on a node that is not there",
    trace('{ "op": "bg", "name": "a", "cmd": "load anon 5 9" }'),
    "step 0: bg: cmd: load anon: node 9 does not exist",
  ],
  [
    "kernel pages of a node that is not there",
    scenario('{ "op": "memlog", "data": "hold 1 100" }'),
    "step 0: memlog: ",
  ],
  [
    "an op of a trace that is a word of the language",
    trace('{ "op": "constructor" }'),
    'step 0: unknown op "constructor"',
  ],
  [
    "an errno that nobody has",
    scenario('{ "op": "inject", "action": "MEM_GOING_ONLINE", "errno": "EFOO" }'),
    "step 0: inject: errno: ",
  ],
  [
    "a wait of nothing that is a number",
    yaml("{ memory: 2G }", "steps: [{ op: wait, s: .nan }]"),
    "step 0: wait: s: expected a number",
  ],
  [
    "a wait before the beginning, behind a DIMM",
    yaml(
      "{ memory: 2G, slots: 1, maxmem: 4G }",
      "steps: [{ op: dimm_add, id: d, size: 128M }, { op: dimm_del, id: d, wait: -1 }]",
    ),
    "step 1: dimm_del: wait: expected a number",
  ],
  ["blocks nested deep", scenario(`{ "op": "online", "blocks": ${deep(1e5)} }`), "nested more than 64 deep"],
  ["a machine nested deep", scenario("", deep(1e5)), "nested more than 64 deep"],
  ["a machine that contains itself", yaml("&m { memory: *m }", "steps: []"), "contains itself"],
  ["a seed that contains itself", yaml("{ memory: 2G }", "seed: &s [*s]\nsteps: []"), "contains itself"],
  [
    "an expectation that contains itself",
    yaml("{ memory: 2G }", "steps: [{ op: state, expect: &e { result: *e } }]"),
    "contains itself",
  ],
  ["more memory than a machine can have", scenario("", '{ "memory": "4P" }'), "machine.memory: expected at most 64T"],
];

test.for(refused)("%s", async ([, text, place]) => {
  const { exitCode, stdout, stderr } = await memhp(["run", "s.yaml"], { files: { "s.yaml": text } });
  expect({ exitCode, lines: stderr.split("\n").length }).toEqual({ exitCode: 2, lines: 2 });
  expect(stderr).toMatch(/^memhp run: s\.yaml: /);
  expect(stderr).toContain(place);
  expect(stderr.length).toBeLessThan(800);
  // Steps before it were told; no step after it.
  expect(stdout.split("\n").filter((line) => /^ +step [2-9]/.test(line))).toEqual([]);
});

test("many steps, and pools of hugepages of no size, are no harm", async () => {
  const many = scenario(Array.from({ length: 20_000 }, () => '{ "op": "wait", "ms": 1 }').join(","));
  const pools = scenario("", machine.replace("{", '{ "cmdline": "hugepagesz=0 hugepages=99999",'), "6.12");
  for (const text of [many, pools])
    expect(await memhp(["run", "s.yaml", "--quiet"], { files: { "s.yaml": text } })).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
});
