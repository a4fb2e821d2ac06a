import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assertDistinct } from "../src/output/distinct-files.ts";
import { type FileSystem, nodeFileSystem } from "../src/output/file-system.ts";
import { createLineFile } from "../src/output/line-file.ts";
import { standardOutput } from "../src/output/standard-output.ts";
import { example, memhp } from "./test-host.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "memhp-output-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const noSpace = (): never => {
  throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
};

/** The disk, whose n-th call fails, and which takes no more than so many bytes at once. */
function faulty(n: number, most = Number.POSITIVE_INFINITY): FileSystem & { calls: number } {
  const disk = {
    ...nodeFileSystem,
    calls: 0,
    open: (...args: Parameters<FileSystem["open"]>) => (turn(), nodeFileSystem.open(...args)),
    write: (fd: number, bytes: Uint8Array) => (turn(), nodeFileSystem.write(fd, bytes.subarray(0, most))),
    close: (fd: number) => {
      nodeFileSystem.close(fd);
      turn();
    },
    rename: (from: string, to: string) => (turn(), nodeFileSystem.rename(from, to)),
  };
  const turn = (): void => {
    disk.calls++;
    if (disk.calls === n) noSpace();
  };
  return disk;
}

test("whichever call to the disk fails, the run says so in one line, and no half file has a name", async () => {
  const names = { jsonl: join(folder, "events.jsonl"), perfetto: join(folder, "trace.json") };
  const args = ["run", "--quiet", example("first-dimm.yaml"), "--jsonl", names.jsonl, "--perfetto", names.perfetto];
  let failures = 0;
  for (let n = 1; ; n++) {
    const disk = faulty(n, 8192);
    const { exitCode, stderr } = await memhp(args, { createFile: (file) => createLineFile(file, disk) });
    if (disk.calls < n) {
      expect([exitCode, stderr]).toEqual([0, ""]);
      break;
    }
    failures++;
    // A file that cannot be made is a mistake in the command line; one that cannot be written is the disk's.
    expect([1, 2]).toContain(exitCode);
    expect(stderr).toMatch(/^memhp run: .*: cannot be written: no space left on the device\n$/);
    for (const name of Object.values(names)) if (existsSync(name)) expect(isWhole(name)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
    for (const name of Object.values(names)) rmSync(name, { force: true });
  }
  expect(failures).toBeGreaterThan(8);
});

function isWhole(name: string): boolean {
  const text = readFileSync(name, "utf8");
  for (const line of name.endsWith(".jsonl") ? text.trimEnd().split("\n") : [text]) JSON.parse(line);
  return true;
}

test("a disk that takes a few bytes at a time gets all of them, in order", () => {
  const file = createLineFile(join(folder, "x"), faulty(0, 7));
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} äöü`);
  for (const line of lines) file.write(line);
  expect(existsSync(join(folder, "x"))).toBe(false);
  file.close();
  file.close();
  expect(readFileSync(join(folder, "x"), "utf8")).toBe(`${lines.join("\n")}\n`);
});

test("a file that is replaced keeps its mode, and a link goes on pointing at it", () => {
  const [real, link] = [join(folder, "real"), join(folder, "link")];
  writeFileSync(real, "old");
  chmodSync(real, 0o640);
  symlinkSync("real", link);
  const file = createLineFile(link);
  file.write("new");
  expect(readFileSync(real, "utf8")).toBe("old");
  file.close();
  expect(readFileSync(link, "utf8")).toBe("new\n");
  expect(statSync(real).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder).sort()).toEqual(["link", "real"]);
});

test("a device is written as it is", () => {
  const file = createLineFile("/dev/null");
  file.write("x");
  file.close();
  expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  const full = createLineFile("/dev/full");
  full.write("x");
  expect(() => full.close()).toThrow("/dev/full: cannot be written: no space left on the device");
});

test("nothing that is read is overwritten, and nothing is written twice, under whatever name", async () => {
  const scenario = join(folder, "s.yaml");
  writeFileSync(scenario, readFileSync(example("first-dimm.yaml")));
  symlinkSync("s.yaml", join(folder, "link"));
  const text = readFileSync(scenario, "utf8");
  for (const name of [scenario, join(folder, "link"), `${folder}/../${folder.split("/").at(-1)}/s.yaml`]) {
    const { exitCode, stderr } = await memhp(["run", scenario, "--jsonl", name]);
    expect([exitCode, stderr.split("\n")[0]]).toEqual([
      2,
      `memhp run: --jsonl: ${name} is the scenario, which would be overwritten`,
    ]);
  }
  const both = await memhp(["run", scenario, "--jsonl", join(folder, "out"), "--perfetto", `${folder}/./out`]);
  expect([both.exitCode, both.stderr]).toEqual([2, expect.stringContaining("is written by --jsonl already") as string]);
  expect(readFileSync(scenario, "utf8")).toBe(text);
  expect(() =>
    assertDistinct(
      [{ what: "in", path: "-" }],
      [
        { what: "a", path: "/dev/null" },
        { what: "b", path: "/dev/null" },
      ],
    ),
  ).not.toThrow();
});

test("standard output fails at its n-th write, for every n: one clear error, and nothing is written after it", () => {
  for (let n = 1; n <= 5; n++) {
    const written: string[] = [];
    let calls = 0;
    const stream = { write: () => true, on: () => stream, isTTY: false, columns: 0 } as never;
    // Descriptor of an ordinary file: it is written by the call that is given.
    const fd = nodeFileSystem.open(join(folder, `out-${n}`), "w");
    const output = standardOutput(stream, fd, {
      write(_fd, bytes) {
        if (++calls === n) noSpace();
        written.push(Buffer.from(bytes).toString());
        return bytes.length;
      },
    });
    for (let i = 1; i < n; i++) output.write(String(i));
    for (let again = 0; again < 2; again++)
      expect(() => output.write("x")).toThrow("standard output: cannot be written: no space left on the device");
    expect(written).toHaveLength(n - 1);
    nodeFileSystem.close(fd);
  }
});

test("--inspect-state and its like choose what there is, beside --inspect", async () => {
  const run = (...args: readonly string[]): ReturnType<typeof memhp> =>
    memhp(["run", example("first-dimm.yaml"), ...args]);
  expect(await run("--inspect", "--inspect-state", "zzz")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('"zzz" is no state of a block (allowed: offline, going_online,') as string,
  });
  expect(await run("--inspect-node", "1")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("--inspect-node needs --inspect") as string,
  });
});
