import { describe, expect, test } from "vitest";
import { memhp } from "./test-host.ts";

const machine = 'machine: { memory: 2G, smp: 2, slots: 4, maxmem: 8G, nodes: [], cmdline: "CMDLINE" }';
const kernels = (...names: readonly string[]): string[] => names.flatMap((name) => ["--kernel", name]);

interface Compared {
  readonly same: number;
  readonly total: number;
  readonly causes: readonly { readonly cause: string; readonly text: string; readonly steps: readonly number[] }[];
  readonly left: readonly { readonly step: number; readonly differences: readonly { readonly what: string }[] }[];
}

async function compared(names: readonly string[], cmdline: string, steps: readonly string[]) {
  const text = `format: memhp-scenario/1\nname: test\nkernel: "6.1"\n${machine.replace("CMDLINE", cmdline)}\nsteps:\n${steps.map((step) => `  - ${step}\n`).join("")}`;
  const around = { files: { "s.yaml": text } };
  const json = await memhp(["compare", "s.yaml", ...kernels(...names), "--json"], around);
  const { exitCode, stdout } = await memhp(["compare", "s.yaml", ...kernels(...names)], around);
  expect(exitCode).toBe(0);
  expect(stdout.split("\n").every((line) => line.length <= 100)).toBe(true);
  return { text: stdout, json: JSON.parse(json.stdout) as Compared };
}

const dimm = "{ op: dimm_add, id: d0, size: 256M }";
const flow = [
  "{ op: read, path: auto_online_blocks }",
  dimm,
  '{ op: read, path: "memory${d0.first}/valid_zones" }',
  "{ op: sleep, s: 1 }",
];

describe("differences that follow from one cause are told once", () => {
  test("a kernel onlines by itself what comes", async () => {
    const { json, text } = await compared(["6.1", "6.12"], "", flow);
    expect(json.causes).toEqual([
      {
        cause: "auto_online_blocks",
        text: "6.12 onlined by itself what came: auto_online_blocks is offline under 6.1, online under 6.12",
        without: "memhp_default_state=offline",
        steps: [0, 1, 2],
      },
    ]);
    expect(json.same).toBe(1);
    // What is left of the DIMM's coming is the uevent of its container, which 6.1 does not send.
    expect(json.left).toMatchObject([{ step: 1, differences: [{ what: "uevents" }] }]);
    expect(text).toContain("1 step 0  cat auto_online_blocks  →  offline / online\n");
    expect(text).toContain("1 of 4 steps alike under 6.1, 6.12; 2 differ by what is said above alone\n");
    expect(text.match(/MEM_GOING_ONLINE/g)).toBeNull();
  });

  test("where all have the same policy there is no such cause", async () => {
    const { json } = await compared(["6.1", "6.12"], "memhp_default_state=online", flow.slice(0, 1));
    expect(json).toMatchObject({ causes: [], left: [], same: 1 });
  });

  test("4.1 onlines nothing by itself, and has no file for it", async () => {
    const { json } = await compared(["4.1", "6.1"], "memhp_default_state=online", flow.slice(0, 2));
    expect(json.causes.map(({ cause, steps }) => ({ cause, steps }))).toEqual([
      { cause: "auto_online_blocks", steps: [0, 1] },
      { cause: "missing_file", steps: [0] },
    ]);
    expect(json.causes[1]?.text).toBe("4.1 has no file auto_online_blocks");
    expect(json.left).toEqual([]);
  });

  test("actions that one kernel tells its callbacks and others do not have", async () => {
    const steps = [dimm, '{ op: block, n: "${d0.last}", v: online_movable }'];
    const { json, text } = await compared(["6.1", "6.12", "7.3"], "memhp_default_state=offline", steps);
    expect(json.causes).toMatchObject([{ cause: "chain_actions", steps: [1] }]);
    expect(text).toContain("1 6.12 tells its callbacks MEM_PREPARE_ONLINE, which 6.1 and 7.3 do not have: step 1.\n");
    expect(json.left.map(({ step }) => step)).toEqual([0]);
  });

  test("a file that a kernel does not have; a block that is not there is no such file", async () => {
    const steps = ["{ op: read, path: crash_hotplug }", "{ op: read, path: memory99/state }"];
    const { json } = await compared(["6.1", "6.12"], "", steps);
    expect(json.causes).toEqual([{ cause: "missing_file", text: "6.1 has no file crash_hotplug", steps: [0] }]);
    expect(json).toMatchObject({ left: [], same: 1 });
  });

  test("what follows from no cause stays as it is", async () => {
    const { json, text } = await compared(["4.1", "6.1"], "", [
      dimm,
      '{ op: block, n: "${d0.first}", v: online_movable }',
    ]);
    expect(json.causes).toEqual([]);
    expect(json.left.map(({ step }) => step)).toEqual([1]);
    expect(text).toContain("≠ step 1  echo online_movable > memory32/state\n");
  });
});
