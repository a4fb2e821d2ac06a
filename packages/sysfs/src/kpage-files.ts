import { done, type Result } from "@memhp/abi";
import type { KernelPort, PageRun } from "./kernel-port.ts";
import { noWriteFunction, rangeOnly, unalignedRange } from "./refusals.ts";
import type { FileNode } from "./tree-node.ts";

/** Bytes for each frame. */
const WORD = 8;
/** Linux would give 2 GiB in one read(2); a string does not hold as much. */
const READ_LIMIT = 2 ** 28;

/** /proc/kpageflags: the flags of each frame (fs/proc/page.c). */
export function kpageflagsFile(port: KernelPort): FileNode {
  return kpageFile(port, "/proc/kpageflags", ({ flags }) => flags);
}

/** /proc/kpagecount: how many page tables map each frame. */
export function kpagecountFile(port: KernelPort): FileNode {
  return kpageFile(port, "/proc/kpagecount", ({ mapCount }) => mapCount);
}

function kpageFile(port: KernelPort, path: string, valueOf: (run: PageRun) => number): FileNode {
  return {
    kind: "file",
    mode: 0o400,
    size: 0,
    read: () => rangeOnly(path),
    readRange: (offset, length) => readWords(port, path, offset, length, valueOf),
    write: () => noWriteFunction(path),
  };
}

async function readWords(
  port: KernelPort,
  path: string,
  offset: number,
  length: number,
  valueOf: (run: PageRun) => number,
): Promise<Result<string>> {
  if (offset % WORD !== 0 || length % WORD !== 0) return unalignedRange(path, WORD);
  const startPfn = offset / WORD;
  const count = Math.min(length, READ_LIMIT) / WORD;
  const frames = Math.min(count, port.endPfn() - startPfn);
  if (frames <= 0) return done("");
  const runs = await port.pages(startPfn, frames);
  assertCovered(runs, startPfn, frames);
  return done(runs.map((run) => wordOf(valueOf(run)).repeat(run.count)).join(""));
}

function assertCovered(runs: readonly PageRun[], startPfn: number, frames: number): void {
  let next = startPfn;
  for (const run of runs) {
    if (run.startPfn !== next) throw new Error(`memhp bug: pages of pfn ${next} begin at ${run.startPfn}`);
    next += run.count;
  }
  if (next !== startPfn + frames) throw new Error(`memhp bug: pages end at ${next}, not at ${startPfn + frames}`);
}

/** A 64-bit number, least significant byte first; a negative one as two's complement. */
function wordOf(value: number): string {
  const low = value >>> 0;
  const high = Math.floor(value / 2 ** 32) >>> 0;
  const bytes = [low, high].flatMap((half) => [half, half >>> 8, half >>> 16, half >>> 24]);
  return String.fromCharCode(...bytes.map((byte) => byte & 0xff));
}
