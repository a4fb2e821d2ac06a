import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CaptureFiles, judgeBlocks, readArchive, readHost, surveyHost, chooseRules } from "../src/index.ts";
import { captureHost, readCapture } from "../src/node/index.ts";
import { smallHost } from "./small-capture.ts";

const BLOCK_PAGES = 32768;
const BUDDY = 0x400n;
const SLAB = 0x80n;
const ANON = 0x8_0000_5868n;

let home: string;
let root: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "memhp-capture-"));
  root = join(home, "root");
  const { "kpageflags.runs": _runs, ...files } = smallHost("");
  put({
    ...files,
    "proc/cmdline": "BOOT_IMAGE=/boot/vmlinuz root=UUID=1234 kernelcore=50% hugepages=8 password=secret quiet\n",
    "proc/version": "Linux version 6.12.107 (alice@laptop) (gcc 14) #1 SMP\n",
    "proc/swaps": "Filename\tType\tSize\n/home/alice/swap\\040file\t\tfile\t\t1\n/dev/sda2 partition 1\n",
    "proc/iomem": "40000000-5fffffff : System RAM\n  41000000-41ffffff : Kernel code\n",
  });
  const flags = new BigUint64Array(12 * BLOCK_PAGES).fill(BUDDY);
  flags[8 * BLOCK_PAGES + 5] = SLAB;
  flags.fill(ANON, 9 * BLOCK_PAGES, 9 * BLOCK_PAGES + 100);
  writeFileSync(join(root, "proc/kpageflags"), flags);
});
afterEach(() => rmSync(home, { recursive: true }));

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const full = join(root, path);
    mkdirSync(dirname(full), { recursive: true });
    if (text.startsWith("-> ")) symlinkSync(text.slice(3), full);
    else writeFileSync(full, text);
  }
}

async function captured(out: string): Promise<CaptureFiles> {
  await captureHost(join(home, out), { root });
  return readCapture(join(home, out));
}

test.for(["dir", "a.tar.zst", "a.tar.gz", "a.tar"])("what is captured into %s is read back", async (out) => {
  const files = await captured(out);
  expect(files.warnings).toEqual([]);
  const host = readHost(files);
  expect(host.blocks.map(({ block, nodes }) => [block, nodes])).toEqual([
    [8, [0]],
    [9, [0]],
    [10, [1]],
    [11, [1]],
  ]);
  const flags = [...(host.flags?.within(0, 2 ** 40) ?? [])].map(({ startPfn, pages, value }) => [
    startPfn,
    pages,
    host.flags?.values[value],
  ]);
  const buddy = { low: Number(BUDDY), high: 0 };
  expect(flags).toEqual([
    [0x40000, 5, buddy],
    [0x40005, 1, { low: Number(SLAB), high: 0 }],
    [0x40006, 0x48000 - 0x40006, buddy],
    [0x48000, 100, { low: 0x5868, high: 8 }],
    [0x48064, 0x60000 - 0x48064, buddy],
  ]);
  const answers = [...judgeBlocks(surveyHost(host), chooseRules(host).rules)].map(({ answer }) => answer);
  expect(answers).toEqual(["refused", "goes_offline", "goes_offline", "goes_offline"]);
});

test.for(["a.tar.zst", "a.tar.gz", "a.tar"])(
  "a browser reads %s from its bytes, or from the stream of a file",
  async (out) => {
    const { entries, pages } = await captured(out);
    const bytes = readFileSync(join(home, out));
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const written = writer.write(bytes).then(() => writer.close());
    // As in browsers whose streams do not iterate.
    Object.defineProperty(readable, Symbol.asyncIterator, { value: undefined });
    for (const source of [new Uint8Array(bytes), readable]) {
      const files = await readArchive("dropped", source);
      expect(files.entries).toEqual(entries);
      expect(files.pages).toEqual(pages);
    }
    await written;
  },
);

test.for(["dir", "a.tar.gz"])("a link to a device far down is whole in %s", async (out) => {
  const target = `../../../LNXSYSTM:00/${"PNP0A05:00/".repeat(12)}PNP0C80:07`;
  put({ "sys/devices/system/memory/memory10/firmware_node": `-> ${target}` });
  const files = await captured(out);
  expect(files.entries.get("/sys/devices/system/memory/memory10/firmware_node")?.target).toBe(target);
  expect(readHost(files).blocks[2]?.dimm).toBe("PNP0C80:07");
});

describe("nothing that names a person or a place in the kernel is written down", () => {
  test("of the command line only words of memory", async () => {
    const { entries } = await captured("dir");
    expect(entries.get("/proc/cmdline")?.text).toBe("kernelcore=50% hugepages=8\n");
  });

  test("of the version no builder, of swap files no names, of the kernel no address", async () => {
    const { entries } = await captured("dir");
    expect(entries.get("/proc/version")?.text).toBe("Linux version 6.12.107 (x@x) (gcc 14) #1 SMP\n");
    expect(entries.get("/proc/swaps")?.text).toBe("Filename\tType\tSize\nswap0\t\tfile\t\t1\nswap1 partition 1\n");
    expect(entries.get("/proc/iomem")?.text).toBe("40000000-5fffffff : System RAM\n");
  });
});

test("what cannot be read is said, and the rest is captured", async () => {
  rmSync(join(root, "proc/kpageflags"));
  mkdirSync(join(root, "proc/slabinfo"));
  const summary = await captureHost(join(home, "a.tar.gz"), { root });
  expect(summary.unreadable.map(({ path, reason }) => `${path} ${reason}`)).toEqual([
    "/proc/slabinfo EISDIR",
    "/proc/kpageflags ENOENT",
    "/proc/kpagecount ENOENT",
    "/proc/kpagecgroup ENOENT",
  ]);
  expect(readHost(await readCapture(join(home, "a.tar.gz"))).missing).toEqual(["/proc/kpageflags"]);
});

test("a file of pages that ends too early says where", async () => {
  const whole = readFileSync(join(root, "proc/kpageflags"));
  writeFileSync(join(root, "proc/kpageflags"), whole.subarray(0, 9 * BLOCK_PAGES * 8));
  const { pages } = await captureHost(join(home, "a.tar"), { root });
  expect(pages[0]).toEqual({ file: "/proc/kpageflags", pages: BLOCK_PAGES, runs: 3, reason: "ends at pfn 0x48000" });
});

test("`online` of a block that is going offline is not asked for: whoever reads it waits", async () => {
  put({
    "sys/devices/system/memory/memory9/state": "going-offline\n",
    "sys/devices/system/memory/memory9/online": "1\n",
  });
  const { entries } = await captured("dir");
  expect(entries.get("/sys/devices/system/memory/memory9/state")?.text).toBe("going-offline\n");
  expect(entries.get("/sys/devices/system/memory/memory9/online")).toBeUndefined();
});

test("a directory that has something in it is left as it is", async () => {
  mkdirSync(join(home, "full"));
  writeFileSync(join(home, "full/mine"), "");
  await expect(captureHost(join(home, "full"), { root })).rejects.toThrow(/has something in it already/);
  expect(readdirSync(join(home, "full"))).toEqual(["mine"]);
});

test.for(["a.tar.zst", "dir"])("a capture into %s that is ended leaves nothing behind", async (out) => {
  const ended = new AbortController();
  const capture = captureHost(join(home, out), {
    root,
    signal: ended.signal,
    onProgress: ({ pages }) => {
      if (pages > 0) ended.abort();
    },
  });
  await expect(capture).rejects.toThrow(/aborted/);
  expect(readdirSync(home).filter((name) => name !== "root" && name !== "dir")).toEqual([]);
  if (out === "dir") expect(readdirSync(join(home, out))).toEqual([]);
});

test("a host without memory blocks is refused", async () => {
  await expect(captureHost(join(home, "a.tar"), { root: join(home, "nowhere") })).rejects.toThrow(
    /this kernel has no memory blocks/,
  );
});

test("the script for a host without Node captures the same", async () => {
  put({ "sys/devices/system/memory/soft_offline_page": "" });
  chmodSync(join(root, "sys/devices/system/memory/soft_offline_page"), 0o200);
  const script = fileURLToPath(new URL("../memhp-capture.sh", import.meta.url));
  const out = join(home, "by-script");
  const { stderr, status } = spawnSync("sh", [script, out], {
    env: { PATH: process.env["PATH"], MEMHP_ROOT: root },
    encoding: "utf8",
  });
  // Of this host there are no counts and no cgroups.
  expect(stderr).toMatch(/missing: \/proc\/kpagecount\n/);
  expect(status).toBe(64);
  const byScript = await readCapture(out);
  const byMemhp = await captured("by-memhp");
  const texts = ({ entries }: CaptureFiles): [string, unknown][] =>
    [...entries].flatMap(([path, { kind, text, target }]): [string, unknown][] =>
      kind === "dir" ? [] : [[path, [kind, text?.trim().split(/\s+/), target]]],
    );
  expect(Object.fromEntries(texts(byScript))).toEqual(Object.fromEntries(texts(byMemhp)));
  const runs = ({ pages: { kpageflags } }: CaptureFiles): unknown[] =>
    [...(kpageflags?.within(0, 2 ** 40) ?? [])].map((run) => [run.startPfn, run.pages, kpageflags?.values[run.value]]);
  expect(runs(byScript)).toEqual(runs(byMemhp));
});
