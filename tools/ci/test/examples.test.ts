import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bootMachine, parseMachineSpec } from "../../../packages/machine/src/index.ts";
import { parseDocument, runDocument } from "../../../packages/scenario/src/index.ts";
import { canShrink } from "../../../examples/node-service/shrink.ts";
import { workspaceRoot } from "../src/workspace.ts";

const reports = globSync("examples/reports/*.yaml", { cwd: workspaceRoot }).toSorted();

test("there are six reported situations", () => expect(reports).toHaveLength(6));

test.each(reports)("%s comes out as it was reported", async (file) => {
  const { failures } = await runDocument(parseDocument(readFileSync(join(workspaceRoot, file), "utf8"), file));
  expect(failures).toEqual([]);
});

const run = (file: string): string =>
  execFileSync(process.execPath, ["--conditions=@memhp/source", file], { cwd: workspaceRoot, encoding: "utf8" });

test("a kernel of one's own gives up where 6.12 goes on until a signal", () => {
  expect(run("examples/own-kernel/kernel.ts")).toBe("6.12 ends: EINTR\n6.12 that gives up ends: EAGAIN\n");
});

test("a device of one's own comes, has a file, and goes", () => {
  expect(run("examples/custom-device/device.ts")).toMatch(/^came: brick 128 MiB\n[^]*left: 0 devices\n$/);
});

test("the service says which blocks a node can give, and why not the others", async () => {
  const spec = parseMachineSpec({ memory: "1G", nodes: [] });
  const machine = await bootMachine(spec, { kernel: "6.12" });
  const answer = await canShrink(machine, 0, 2 ** 28);
  expect(answer).toMatchObject({ canGiveBytes: 2 ** 28, blocks: { length: 2 } });
  expect(Object.keys(answer.kept)).toContain("mixed_zones");
  await machine.close();
});
