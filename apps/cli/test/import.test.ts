import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memhp } from "./test-host.ts";

async function inDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "memhp-import-"));
  try {
    await use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("what was exported is shown as lsmem shows the machine; an odd tree as the oddity says", () =>
  inDirectory(async (directory) => {
    expect((await memhp(["export", `${directory}/tree`])).exitCode).toBe(0);
    const columns = ["-o", "RANGE,SIZE,STATE,BLOCK,NODE,ZONES"];
    const [imported, machine] = [await memhp(["import", `${directory}/tree`]), await memhp(["lsmem", ...columns])];
    expect(imported).toMatchObject({ exitCode: 0, stdout: machine.stdout });
    await memhp(["export", `${directory}/odd`, "--odd", "sparse-nodes", "--odd", "first-block-8192"]);
    const odd = await memhp(["import", `${directory}/odd`]);
    expect(odd.stdout).toContain("8192");
    const json = JSON.parse((await memhp(["import", `${directory}/odd`, "--json"])).stdout) as {
      readonly format: string;
      readonly entries: readonly { readonly path: string }[];
    };
    expect(json.format).toBe("memhp-tree/1");
    const nodes = json.entries.filter(({ path }) => /^\/sys\/devices\/system\/node\/node\d+$/.test(path));
    expect(nodes.map(({ path }) => path.slice("/sys/devices/system/node/".length))).toEqual(["node0", "node8"]);
  }));

test("a directory without memory blocks, one that is not there, and an oddity that nobody knows are named", () =>
  inDirectory(async (directory) => {
    mkdirSync(`${directory}/empty`);
    const empty = await memhp(["import", `${directory}/empty`]);
    expect(empty).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("does not support memory blocks") });
    expect((await memhp(["import", `${directory}/nothing`])).stderr).toContain("ENOENT");
    const unknown = await memhp(["export", `${directory}/x`, "--odd", "round"]);
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("allowed: first-block-8192, ") });
  }));
