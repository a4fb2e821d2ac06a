import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { CaptureError } from "../../files/capture-error.ts";
import { numbersIn, pageFiles } from "../../files/capture-files.ts";
import type { CaptureOptions } from "./capture-options.ts";
import type { OutputEntry } from "./output-entry.ts";
import { RunParts } from "./run-parts.ts";

/** What was read of one file of pages. */
export interface PagesCaptured {
  /** `/proc/kpageflags` */
  readonly file: string;
  readonly pages: number;
  readonly runs: number;
  /** Why nothing, or not all, was read. */
  readonly reason?: string;
}

/** Pages that are read at a time: 512 KiB of each file. */
const STEP = 65536;
const BYTES = 8;

interface OpenFile {
  readonly file: string;
  readonly descriptor: number;
  readonly runs: RunParts;
  pages: number;
  reason?: string;
}

/** Reads the files of pages side by side, block after block, so that what they say of a page is of about one moment. */
export async function capturePages(
  root: string,
  put: (entry: OutputEntry) => Promise<void>,
  { onProgress, signal }: CaptureOptions,
): Promise<readonly PagesCaptured[]> {
  const ranges = blockRanges(root);
  const total = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const closed: PagesCaptured[] = [];
  const open: OpenFile[] = [];
  for (const name of pageFiles) {
    const file = `/proc/${name}`;
    try {
      open.push({ file, descriptor: openSync(join(root, file), "r"), runs: new RunParts(name), pages: 0 });
    } catch (error) {
      closed.push({ file, pages: 0, runs: 0, reason: (error as NodeJS.ErrnoException).code ?? "EIO" });
    }
  }
  try {
    const words = new Uint32Array(STEP * 2);
    let done = 0;
    onProgress?.({ pages: 0, total });
    for (const { start, end } of open.length === 0 ? [] : ranges) {
      for (const { runs } of open) runs.moveTo(start);
      for (let pfn = start; pfn < end; pfn += STEP) {
        signal?.throwIfAborted();
        const pages = Math.min(STEP, end - pfn);
        for (const file of open) readPages(file, pfn, words.subarray(0, pages * 2));
        for (const { runs } of open) await putPart(runs, put, false);
        done += pages;
        onProgress?.({ pages: done, total });
      }
    }
    for (const { runs } of open) await putPart(runs, put, true);
  } finally {
    for (const { descriptor } of open) closeSync(descriptor);
  }
  const read = open.map(({ file, pages, runs, reason }) => ({
    file,
    pages,
    runs: runs.runs,
    ...(reason === undefined ? {} : { reason }),
  }));
  return [...read, ...closed];
}

async function putPart(runs: RunParts, put: (entry: OutputEntry) => Promise<void>, isLast: boolean): Promise<void> {
  const part = runs.part(isLast);
  if (part !== undefined) await put({ ...part, mode: 0o600 });
}

/** Once a file gives an error, nothing more is read of it. */
function readPages(file: OpenFile, pfn: number, words: Uint32Array): void {
  if (file.reason !== undefined) return;
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  try {
    let read = 0;
    while (read < bytes.length) {
      const now = readSync(file.descriptor, bytes, read, bytes.length - read, pfn * BYTES + read);
      if (now === 0) break;
      read += now;
    }
    const pages = Math.floor(read / BYTES);
    file.runs.take(words.subarray(0, pages * 2));
    file.pages += pages;
    if (read < bytes.length) file.reason = `ends at pfn 0x${(pfn + pages).toString(16)}`;
  } catch (error) {
    file.reason = (error as NodeJS.ErrnoException).code ?? "EIO";
  }
}

/** Pfns of memory blocks that are there, neighbours together. */
function blockRanges(root: string): { start: number; end: number }[] {
  const folder = join(root, "/sys/devices/system/memory");
  const size = Number.parseInt(readFileSync(join(folder, "block_size_bytes"), "latin1"), 16);
  const pages = size / pageSize();
  if (!Number.isInteger(pages) || pages < 1) throw new CaptureError(`${folder}/block_size_bytes: no size of a block`);
  const ranges: { start: number; end: number }[] = [];
  for (const block of numbersIn(readdirSync(folder), "memory")) {
    const last = ranges.at(-1);
    if (last?.end === block * pages) last.end += pages;
    else ranges.push({ start: block * pages, end: (block + 1) * pages });
  }
  return ranges;
}

/** Words of /proc/self/auxv, by number: AT_PAGESZ. */
const AT_PAGESZ = 6n;

/** Of this kernel, in bytes. */
function pageSize(): number {
  try {
    const vector = readFileSync("/proc/self/auxv");
    for (let at = 0; at + 16 <= vector.length; at += 16)
      if (vector.readBigUInt64LE(at) === AT_PAGESZ) return Number(vector.readBigUInt64LE(at + 8));
  } catch {
    // Most kernels have pages of 4 KiB.
  }
  return 4096;
}
