import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Explanation } from "../src/explain/explanation.ts";
import { memhp } from "./test-host.ts";

const MEMORY = "sys/devices/system/memory";
const NODE = "sys/devices/system/node";

/** state, valid_zones, removable and nodes of a block. */
type Block = readonly [state: string, zones: string, removable: string, nodes: readonly number[]];

/** What a kernel before 5.8 would say of five blocks. */
const scanned: Readonly<Record<string, Block>> = {
  memory0: ["online", "none", "1", [0]],
  memory1: ["online", "DMA32", "0", [0]],
  memory32: ["online", "Movable", "1", [1]],
  memory33: ["online", "Movable", "1", [1]],
  memory34: ["offline", "Movable Normal", "1", [1]],
};
/** The same, as a kernel since 5.8 says it. */
const constant = Object.fromEntries(
  Object.entries(scanned).map(([name, [state, zones, , nodes]]) => [name, [state, zones, "1", nodes] as const]),
);

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "memhp-explain-"));
});
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

async function capture(
  blocks: Readonly<Record<string, Block>>,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  await put(`${MEMORY}/block_size_bytes`, "8000000\n");
  for (const [name, [state, zones, removable, nodes]] of Object.entries(blocks)) {
    await put(`${MEMORY}/${name}/state`, `${state}\n`);
    await put(`${MEMORY}/${name}/valid_zones`, `${zones}\n`);
    await put(`${MEMORY}/${name}/removable`, `${removable}\n`);
    for (const node of nodes) await symlink(`../../node/node${node}`, join(root, MEMORY, name, `node${node}`));
  }
  for (const [path, text] of Object.entries(more)) await put(path, text);
}

const read = async (...args: readonly string[]): Promise<Explanation> =>
  JSON.parse((await memhp(["explain", ...args, "--json"])).stdout) as Explanation;

const answers = ({ groups }: Explanation): Record<string, string> =>
  Object.fromEntries(
    groups.map(({ blocks, answer, refusal }) => [
      blocks,
      [answer, refusal?.errno, refusal?.code].filter(Boolean).join(" "),
    ]),
  );

test("is explained as far as its files tell, from whichever folder it is seen", async () => {
  await capture(constant);
  const explanation = await read(root);
  expect(explanation).toMatchObject({ kernel: "6.12", source: "files", block_size: 2 ** 27 });
  expect(answers(explanation)).toEqual({
    "0": "refused EINVAL mixed_zones",
    "1": "unknown",
    "32-33": "goes_offline",
    "34": "is_offline",
  });
  expect(explanation.cannot_tell.join()).toContain("hole without RAM");
  expect(await read(join(root, "sys"))).toEqual(explanation);
  expect(await read(join(root, MEMORY))).toEqual(explanation);
});

test("for people every answer has its number, and that nobody can tell is one", async () => {
  await capture(constant);
  expect((await memhp(["explain", root])).stdout).toMatchSnapshot();
  const one = async (block: string): Promise<string | undefined> =>
    (await memhp(["explain", root, "--block", block])).stdout.split("\n")[0];
  expect(await one("0")).toBe("Block 0 of 128M would be refused to go offline under Linux 6.12.");
  expect(await one("1")).toBe("Nobody can tell whether block 1 of 128M would go offline under Linux 6.12.");
  expect(await one("32")).toBe("Block 32 of 128M would go offline under Linux 6.12.");
  expect(await one("34")).toBe("Block 34 of 128M is offline already.");
});

test("a block that is going offline is stuck, and a state that nobody can read tells nothing", async () => {
  await capture({
    ...constant,
    memory32: ["going-offline", "Movable", "1", [1]],
    memory33: ["onl\u0000ine", "Movable", "1", [1]],
  });
  await rm(join(root, MEMORY, "memory1/state"));
  const explanation = await read(root);
  expect(answers(explanation)).toEqual({
    "0": "refused EINVAL mixed_zones",
    "1": "unknown",
    "32": "never_ends",
    "33": "unknown",
    "34": "is_offline",
  });
  expect(explanation.groups.map(({ note }) => note).join()).toMatch(/cannot be read.*going-offline.*onl\\u0000ine/);
  expect(explanation.counts).toMatchObject({ goes_offline: 0, never_ends: 1, unknown: 2 });
});

describe("the kernel", () => {
  test("is that of /proc/version, or the nearest of its kind, which is said", async () => {
    const version = (text: string): Promise<void> => put("proc/version", `Linux version ${text} (gcc)\n`);
    await capture(constant);
    await version("6.12.107+deb13-amd64");
    expect(await read(root)).toMatchObject({ kernel: "6.12", warnings: [] });
    await version("5.10.0-30-amd64");
    expect(await read(root)).toMatchObject({
      kernel: "5.10",
      warnings: [expect.stringMatching(/^5\.10 is from source \(5\.10\.7\), not recorded;/)],
    });
    await version("5.12.1");
    const { kernel, warnings } = await read(root);
    expect([kernel, warnings?.at(-1)]).toEqual(["5.10", "The files are of Linux 5.12; the rules of 5.10 are used."]);
    await version("5.4.0");
    expect(await read(root)).toMatchObject({ kernel: "5.4" });
    await version("5.9.0");
    expect(await read(root)).toMatchObject({ kernel: "5.10" });
    await version("4.18.0-394.el8.x86_64");
    expect(await read(root)).toMatchObject({ kernel: "4.18" });
    await version("6.6.3");
    expect(await read(root)).toMatchObject({ kernel: "6.6" });
    expect(await read(root, "--kernel", "6.12")).toMatchObject({
      kernel: "6.12",
      warnings: ["The files are of Linux 6.6; the rules of 6.12 are used."],
    });
  });

  test("shows in the files: a removable that differs is a scan of pages, which ended before 5.8", async () => {
    await capture(scanned);
    const explanation = await read(root);
    expect(explanation).toMatchObject({ kernel: "4.1", warnings: [] });
    expect(answers(explanation)["1"]).toBe("refused EBUSY unmovable_page");
    const { warnings } = await read(root, "--kernel", "6.12");
    expect(warnings?.[0]).toMatch(/^removable reads 0 and 1: no 6\.12 writes these files/);
    const text = (await memhp(["explain", root, "--kernel", "6.12"])).stdout;
    expect(text).toContain("\n\nremovable reads 0 and 1: no 6.12 writes these files");
  });

  test("shows in crash_hotplug, and is guessed where nothing shows, which is said", async () => {
    await capture(constant);
    expect((await read(root)).warnings).toEqual([
      "The files do not tell the kernel; the rules of 6.12 are used (--kernel names another).",
    ]);
    await put(`${MEMORY}/crash_hotplug`, "1\n");
    expect(await read(root)).toMatchObject({ kernel: "6.12", warnings: [] });
  });
});

describe("the page size", () => {
  const meminfo = "MemFree:       16384 kB\nAnonPages:      3200 kB\n";
  test("comes from files that tell one amount in KiB and in pages", async () => {
    await capture(constant, { "proc/meminfo": meminfo, "proc/vmstat": "nr_free_pages 1024\nnr_anon_pages 200\n" });
    expect((await read(root)).page_size).toBe(16384);
  });

  test("of nodes counts too, also where the two files are not of one moment", async () => {
    await capture(constant, {
      [`${NODE}/node0/meminfo`]: meminfo.replaceAll(/^/gm, "Node 0 "),
      [`${NODE}/node0/vmstat`]: "nr_free_pages 4011\nnr_anon_pages 801\n",
    });
    expect((await read(root)).page_size).toBe(4096);
  });

  test("is not known where they disagree or are not there", async () => {
    await capture(constant);
    expect((await read(root)).page_size).toBeNull();
    await put("proc/meminfo", meminfo);
    await put("proc/vmstat", "nr_free_pages 1024\nnr_anon_pages 800\n");
    expect((await read(root)).page_size).toBeNull();
  });
});

test("a block that is not there, no memory at all, and no plan", async () => {
  await capture(constant);
  expect(await memhp(["explain", root, "--block", "7"])).toMatchObject({
    exitCode: 2,
    stderr: `memhp explain: ${root}: block 7 does not exist (blocks: 0-1,32-34)\n`,
  });
  expect((await memhp(["explain", join(root, NODE)])).stderr).toMatch(/no such file|no memory blocks here/);
  expect((await memhp(["explain", root, "--plan", "1G"])).stderr).toMatch(/--plan needs a machine/);
});
