import { dimmsOf } from "@memhp/devices";
import { bootMachine, type Machine, parseMachineSpec } from "@memhp/machine";
import { chmem as change, ChmemError, chmemFiles, chmemOptions } from "@memhp/shell";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../src/arguments/arguments.ts";
import { chmem } from "../src/commands/chmem.ts";
import { kernelTrace, memhp } from "./test-host.ts";

interface Step {
  readonly step: { readonly op: string; readonly cmd?: string };
  readonly result: { readonly rc: number; readonly out: string };
  readonly uevents?: readonly unknown[];
}

/** Blocks at which the recorded kernels refused, because of pages of their own: facts of those boots. */
const kernelBlocks = { "6.1": [0, 2, 7, 8, 15], "6.12": [0, 7, 8, 9, 15] };
const FIRST = 32;

/** Runs our chmem on a machine as the recorder ran util-linux's: both outputs in one, messages first. */
async function run(machine: Machine, command: string): Promise<{ rc: number; out: string }> {
  const words = command.split(" ").slice(1);
  const args = parseCommandLine(chmem.spec, words);
  try {
    const outcome = await change(chmemFiles(machine), args.operands[0] ?? "", chmemOptions(args));
    const messages = outcome.stderr.map((line) => `chmem.ul: ${line}\n`).join("");
    return { rc: outcome.exitCode, out: `${messages}${outcome.stdout}` };
  } catch (error) {
    if (!(error instanceof ChmemError)) throw error;
    const hint = error.message.startsWith("unknown memory zone") ? "Try 'chmem.ul --help' for more information.\n" : "";
    return { rc: 1, out: `chmem.ul: ${error.message}\n${hint}` };
  }
}

/** `${d0.1}` is the second block of the DIMM. */
const resolved = (command: string): string =>
  command
    .replaceAll("${d0.first}", `${FIRST}`)
    .replaceAll("${d0.last}", `${FIRST + 3}`)
    .replaceAll(/\$\{d0\.(\d)\}/g, (_, i: string) => `${FIRST + Number(i)}`);

describe.each(["6.1", "6.12"] as const)("chmem of util-linux on %s", (kernel) => {
  test("says, changes and ends with what was recorded", async () => {
    const trace = JSON.parse(readFileSync(kernelTrace(`${kernel}/k_lsmem_chmem`), "utf8")) as {
      readonly machine: object;
      readonly steps: readonly Step[];
    };
    const machine = await bootMachine(parseMachineSpec(trace.machine), { kernel, kernelBlocks: kernelBlocks[kernel] });
    // The guests' init wrote so before the first step.
    machine.autoOnline = "offline";
    dimmsOf(machine).offerBackend("mem-d0");
    await dimmsOf(machine).insert({ id: "d0", memdev: "mem-d0", sizeBytes: 2 ** 29, node: 1 });
    let uevents: string[] = [];
    machine.listen((event) => {
      if (event.type === "uevent" && event.subsystem === "memory") uevents.push(`${event.action}@${event.devpath}`);
    });
    let compared = 0;
    for (const { step, result, uevents: recorded = [] } of trace.steps) {
      // Its usage, its help, and `-r`, which neither has, are the command line's own business here.
      if (step.cmd?.startsWith("chmem.ul ") !== true || / -r |--help/.test(step.cmd)) continue;
      // The kernel put pages of its own into the block that it onlined as Normal.
      if (step.cmd.includes("-v -b -d")) await machine.markUnmovable([FIRST + 1], true);
      uevents = [];
      expect([step.cmd, await run(machine, resolved(step.cmd))]).toEqual([
        step.cmd,
        { rc: result.rc, out: result.out },
      ]);
      expect([step.cmd, uevents]).toEqual([step.cmd, recorded]);
      compared++;
    }
    expect(compared).toBe(16);
    await machine.close();
  });
});

test("4.1: enabling takes Movable where the block may join it", async () => {
  const { stdout, exitCode } = await memhp(["chmem", "-v", "-e", "-b", "55", "--kernel", "4.1"]);
  expect([exitCode, stdout]).toEqual([0, "Memory Block 55 (0x00000001b8000000-0x00000001bfffffff) enabled\n"]);
});

test("one of -e and -d, and no more, must be given", async () => {
  expect((await memhp(["chmem", "1G"])).stderr).toContain("-e or -d is missing");
  expect((await memhp(["chmem", "-e", "-d", "1G"])).stderr).toContain("exclude each other");
  expect((await memhp(["chmem", "-e", "3M"])).exitCode).toBe(1);
});
