import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTree, KPF, NO_PAGE, type PageRun } from "../src/index.ts";
import { fakePort } from "./fake-port.ts";
import { errnoOf, valueOf } from "./result.ts";

const FLAGS = "/proc/kpageflags";
const COUNT = "/proc/kpagecount";

function treeOf(pages: readonly PageRun[]) {
  return createTree(fakePort({ kernel: "6.12", pages }));
}

/** Runs from pfn 0 on. */
const runs = fc
  .array(
    fc.record({ count: fc.integer({ min: 1, max: 40 }), flags: fc.maxSafeNat(), mapCount: fc.integer({ min: -128 }) }),
    { maxLength: 8 },
  )
  .map((rows) => {
    let startPfn = 0;
    return rows.map((row) => {
      const run = { startPfn, ...row };
      startPfn += row.count;
      return run;
    });
  });

/** The 64-bit words of a text, as a reader on x86 sees them. */
function words(text: string): bigint[] {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return [...Array(bytes.length / 8).keys()].map((index) => view.getBigInt64(index * 8, true));
}

test("property: the file has 8 bytes for each frame, which are its flags or its map count", async () => {
  await fc.assert(
    fc.asyncProperty(runs, async (pages) => {
      const tree = treeOf(pages);
      const frames = pages.flatMap((run) => Array<PageRun>(run.count).fill(run));
      const length = 8 * (frames.length + 5);
      const flags = valueOf(await tree.readRange(FLAGS, 0, length));
      expect(flags).toHaveLength(8 * frames.length);
      expect(words(flags)).toEqual(frames.map((run) => BigInt(run.flags)));
      expect(words(valueOf(await tree.readRange(COUNT, 0, length)))).toEqual(frames.map((run) => BigInt(run.mapCount)));
    }),
  );
});

test("property: any aligned range is that slice of the whole, any other is EINVAL", async () => {
  await fc.assert(
    fc.asyncProperty(runs, fc.nat({ max: 3000 }), fc.nat({ max: 3000 }), fc.boolean(), async (pages, a, b, align) => {
      const tree = treeOf(pages);
      const [offset, length] = align ? [a - (a % 8), b - (b % 8)] : [a, b];
      const whole = valueOf(await tree.readRange(FLAGS, 0, 8 * 1000));
      const part = await tree.readRange(FLAGS, offset, length);
      if (offset % 8 === 0 && length % 8 === 0) expect(valueOf(part)).toBe(whole.slice(offset, offset + length));
      else expect(part).toMatchObject({ ok: false, refusal: { errno: "EINVAL", code: "unaligned" } });
    }),
  );
});

describe("a range", () => {
  const tree = treeOf([
    { startPfn: 0, count: 1, flags: 2 ** KPF.RESERVED, mapCount: 0 },
    { startPfn: 1, count: 3, flags: NO_PAGE, mapCount: -127 },
  ]);
  test("behind the end is empty", async () => {
    expect(valueOf(await tree.readRange(FLAGS, 32, 8))).toBe("");
    expect(valueOf(await tree.readRange(FLAGS, 2 ** 40, 8))).toBe("");
    expect(valueOf(await tree.readRange(FLAGS, 0, 0))).toBe("");
  });
  test("shows the low byte first, and a negative map count as two's complement", async () => {
    expect(valueOf(await tree.readRange(FLAGS, 0, 16))).toBe("\0\0\0\0\x01\0\0\0\0\0\x10\0\0\0\0\0");
    expect(valueOf(await tree.readRange(COUNT, 8, 8))).toBe("\x81\xff\xff\xff\xff\xff\xff\xff");
  });
  test.each([
    [-8, 8],
    [0, -8],
    [0.5, 8],
    [0, Number.NaN],
    [0, Number.POSITIVE_INFINITY],
  ])("from %d of %d bytes is EINVAL in any file", async (offset, length) => {
    expect(errnoOf(await tree.readRange(FLAGS, offset, length))).toBe("EINVAL");
    expect(errnoOf(await tree.readRange("/proc/buddyinfo", offset, length))).toBe("EINVAL");
  });
});

test("a whole read is EINVAL, and says what to do", () => {
  const read = treeOf([]).read(FLAGS);
  expect(read).toMatchObject({ ok: false, refusal: { errno: "EINVAL", detail: FLAGS } });
  expect(read.ok ? [] : read.refusal.remedy).toEqual(["read a range: offset 8 * pfn, length 8 * pages"]);
});

test("only root opens them, to read; a write has nowhere to go", async () => {
  const tree = treeOf([]);
  expect(valueOf(tree.stat(COUNT))).toEqual({ kind: "file", mode: 0o400, size: 0, byRange: true });
  expect(await tree.write(COUNT, "x")).toMatchObject({ openErrno: 0, ret: -1, errno: "EIO" });
});

test("readRange reads a plain file too, and refuses what read refuses", async () => {
  const tree = treeOf([]);
  const meminfo = valueOf(tree.read("/proc/meminfo"));
  expect(valueOf(await tree.readRange("/proc/meminfo", 10, 20))).toBe(meminfo.slice(10, 30));
  expect(valueOf(await tree.readRange("/proc/meminfo", meminfo.length, 20))).toBe("");
  const memory = "/sys/devices/system/memory";
  expect(errnoOf(await tree.readRange(memory, 0, 8))).toBe("EISDIR");
  expect(errnoOf(await tree.readRange(`${memory}/nosuch`, 0, 8))).toBe("ENOENT");
  expect(errnoOf(await tree.readRange(`${memory}/hard_offline_page`, 0, 8))).toBe("EACCES");
});

test("a kernel that leaves a gap between its runs is a bug, not an answer", async () => {
  const pages = [{ startPfn: 1, count: 1, flags: 0, mapCount: 0 }];
  await expect(treeOf(pages).readRange(FLAGS, 0, 16)).rejects.toThrow("memhp bug: pages of pfn 0 begin at 1");
});
