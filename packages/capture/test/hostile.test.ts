import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CAPTURE_LIMITS, CaptureBuilder, CaptureError, readArchive } from "../src/index.ts";
import { readCapture } from "../src/node/index.ts";
import { TarReader } from "../src/files/tar.ts";
import { blockFiles, chunksOf, joined, smallHost, type SmallFiles, tarHeader, tarOf } from "./small-capture.ts";

const free = "40000 131072 400\n";

async function refusalOf(bytes: Uint8Array): Promise<string> {
  const error: unknown = await readArchive("a.tar", chunksOf(bytes)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CaptureError);
  return (error as CaptureError).message;
}

describe("an archive that somebody made to do harm", () => {
  test("a path that leaves the capture is refused", async () => {
    const files: SmallFiles = { ...smallHost(free), "sys/../../etc/passwd": "root" };
    expect(await refusalOf(tarOf(files))).toBe("a.tar: sys/../../etc/passwd: a path that leaves the capture");
  });

  test("an absolute path is taken as one within the capture", async () => {
    const files = Object.fromEntries(Object.entries(smallHost(free)).map(([path, text]) => [`/${path}`, text]));
    const read = await readArchive("a.tar", chunksOf(tarOf(files)));
    expect(read.entries.get("/proc/version")?.text).toMatch(/^Linux version/);
  });

  test("a link that leads out is kept as its words and never followed", async () => {
    const out = { "sys/devices/system/memory/memory8/uevent": "-> ../../../../../../etc/passwd" };
    const read = await readArchive("a.tar", chunksOf(tarOf({ ...smallHost(free), ...out })));
    expect(read.entries.get("/sys/devices/system/memory/memory8/uevent")).toEqual({
      kind: "link",
      target: "../../../../../../etc/passwd",
    });
  });

  test("more entries than any host has are refused", () => {
    const builder = new CaptureBuilder("a.tar", { ...CAPTURE_LIMITS, entries: 1000 });
    const reader = new TarReader("a.tar", builder);
    const fill = (): void => {
      for (let entry = 0; entry <= 1000; entry++) reader.push(tarHeader(`d${entry}`, 0, "5"));
    };
    expect(fill).toThrow("a.tar: more than 1000 entries");
  });

  test("a file of pages that unpacks to far more than it says is refused within bounded memory", () => {
    const builder = new CaptureBuilder("a.tar", { ...CAPTURE_LIMITS, pageBytes: 2 ** 20 });
    const sink = builder.file("kpageflags.runs.gz");
    const bomb = gzipSync(Buffer.alloc(2 ** 24, "1 0\n"));
    expect(bomb.length).toBeLessThan(20_000);
    expect(() => sink.push(bomb)).toThrow("a.tar: more than 1048576 bytes of runs of pages");
  });

  test("a text file of gigabytes is left out, and said so", async () => {
    const long = tarOf({ ...smallHost(free), "proc/slabinfo": "x".repeat(2 ** 23) });
    for (const packed of [gzipSync(long), zstdCompressSync(long)]) {
      const read = await readArchive("a.tar", chunksOf(packed));
      expect(read.entries.get("/proc/slabinfo")).toEqual({ kind: "file", mode: 0o644 });
      expect(read.warnings).toEqual(["proc/slabinfo is longer than 4194304 bytes and was left out"]);
    }
  });

  test("an archive that wants a window of gigabytes is refused before one is made", async () => {
    const frame = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, ...Array.from({ length: 20 }, () => 0)]);
    expect(await refusalOf(frame)).toMatch(/window of more than 134217728 bytes/);
  });
});

describe("an archive that is damaged or something else", () => {
  const whole = tarOf(smallHost(free));

  test.for([1, 511, 512, 700, 5000])("cut after %i bytes, it is refused", async (length) => {
    expect(await refusalOf(whole.subarray(0, length))).toMatch(/^a\.tar: (the archive ends too early|no header)/);
  });

  test("cut in its packing, it is refused", async () => {
    for (const packed of [gzipSync(whole), zstdCompressSync(whole)])
      expect(await refusalOf(packed.subarray(0, packed.length - 20))).toMatch(/damaged or ends too early/);
  });

  test.for([
    ["nothing", ""],
    ["text", "hello, world\n".repeat(100)],
  ])("%s is no capture", async ([, text]) => {
    expect(await refusalOf(new TextEncoder().encode(text))).toMatch(/too early|no header of an entry/);
  });

  test.for([
    ["bzip2", "BZh91AY&SY"],
    ["xz", "\xfd7zXZ\x00\x00\x04"],
    ["zip", "PK\x03\x04"],
  ] as const)("what is packed with %s is refused with what to do", async ([packing, start]) => {
    const bytes = Uint8Array.from(start + "\0".repeat(100), (char) => char.charCodeAt(0));
    expect(await refusalOf(bytes)).toMatch(new RegExp(`^a\\.tar: packed with ${packing}; .* it first$`));
  });

  test("an archive of something else has no memory blocks", async () => {
    expect(await refusalOf(tarOf({ "home/x": "1" }))).toMatch(/no memory blocks in it/);
  });

  test("runs of pages that overlap, or are no numbers, are refused with their line", async () => {
    const refuse = (flags: string): Promise<string> => refusalOf(tarOf(smallHost(flags)));
    expect(await refuse("40000 10 0\n40005 3 0\n")).toMatch(/kpageflags\.runs:2: pfn 0x40005 comes after 0x40009/);
    expect(await refuse("40000 zehn 0\n")).toMatch(/kpageflags\.runs:1: "zehn" is no run of pages/);
    expect(await refuse("40000 1 xyz\n")).toMatch(/kpageflags\.runs:1: xyz is no hexadecimal value/);
    expect(await refuse("40000 0 0\n")).toMatch(/kpageflags\.runs:1: 0 pages .* no run of pages/);
    expect(await refuse("9".repeat(1000))).toMatch(/is no run of pages/);
  });

  test("a file of pages that is cut tells what it has, with a warning", async () => {
    const packed = gzipSync(free.repeat(1) + "60000 5 0\n".repeat(1));
    const builder = new CaptureBuilder("a.tar");
    for (const path of Object.keys(blockFiles(8))) builder.file(path).end();
    const sink = builder.file("kpageflags.runs.gz");
    sink.push(packed.subarray(0, packed.length - 9));
    sink.end();
    expect(builder.finish().warnings).toEqual([
      "kpageflags.runs.gz ends too early; pages behind its end are not known",
    ]);
  });

  test("two files of the same pages are refused", async () => {
    expect(await refusalOf(tarOf({ ...smallHost(free), "x/kpageflags.runs": free }))).toMatch(
      /kpageflags is in it twice/,
    );
  });
});

describe("a directory", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "memhp-capture-"));
    for (const [path, text] of Object.entries(smallHost(free))) {
      const full = join(root, "capture", path);
      mkdirSync(dirname(full), { recursive: true });
      if (text.startsWith("-> ")) symlinkSync(text.slice(3), full);
      else writeFileSync(full, text);
    }
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test("is read as its archive is", async () => {
    const read = await readCapture(root);
    expect(read.pages.kpageflags?.length).toBe(1);
    expect(read.entries.get("/sys/devices/system/memory/memory8/state")?.text).toBe("online\n");
  });

  test("a link in it is not followed", async () => {
    symlinkSync("/etc/hostname", join(root, "capture/proc/meminfo"));
    const read = await readCapture(root);
    expect(read.entries.get("/proc/meminfo")).toEqual({ kind: "link", target: "/etc/hostname" });
  });

  test("one that is not there is refused with its path", async () => {
    await expect(readCapture(join(root, "nothing"))).rejects.toThrow(/nothing: cannot be read \(ENOENT\)/);
  });
});

test("contents come in chunks of any size", async () => {
  const bytes = joined([tarOf(smallHost(free))]);
  for (const size of [1, 7, 513]) {
    const read = await readArchive("a.tar", chunksOf(bytes, size));
    expect(read.pages.kpageflags?.covered(0, 2 ** 40)).toBe(131072);
  }
});
