import { createReadStream } from "node:fs";
import { lstat, open, readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import * as zlib from "node:zlib";
import { bounded, packingOf, unpack } from "../files/unpack.ts";
import { CaptureBuilder } from "../files/capture-builder.ts";
import { CaptureError } from "../files/capture-error.ts";
import type { CaptureFiles } from "../files/capture-files.ts";
import { isToldFile } from "../files/layout.ts";
import { readTar } from "../files/read-archive.ts";

const CHUNK = 256 * 1024;
const DEEPEST = 16;

/** Reads a capture from a directory or an archive on this computer. @throws CaptureError */
export async function readCapture(path: string): Promise<CaptureFiles> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new CaptureError(`${path}: cannot be read (${error.code})`);
  });
  return found.isDirectory() ? readDirectory(path) : readPacked(path);
}

async function readPacked(path: string): Promise<CaptureFiles> {
  const file = await open(path);
  const start = new Uint8Array(18);
  try {
    await file.read(start, 0, start.length, 0);
  } finally {
    await file.close();
  }
  const packing = packingOf(path, start);
  const stream = createReadStream(path);
  if (packing === "gzip") return readTar(path, bounded(path, stream.pipe(zlib.createGunzip())));
  // Node 20 has no Zstandard of its own: it would not even link a module that imports it by name.
  if (packing !== "zstd" || zlib.createZstdDecompress === undefined) return readTar(path, unpack(path, stream));
  const params = { [zlib.constants.ZSTD_d_windowLogMax]: 27 };
  return readTar(path, bounded(path, stream.pipe(zlib.createZstdDecompress({ params }))));
}

/** Folders that a whole root or a copy of one has besides, and that say nothing of memory. */
const wanted: RegExp =
  /^((.*\/)?(capture|sys|proc|devices|system|memory|node|module|memory_hotplug|parameters|kernel|mm|hugepages|firmware)(\/|$)|[^/]*$)|(^|\/)(memory\d+|node\d+|hugepages)(\/|$)/;

async function readDirectory(root: string): Promise<CaptureFiles> {
  const files = new CaptureBuilder(root);
  await readFolder(root, "", files, 0);
  return files.finish();
}

async function readFolder(root: string, folder: string, files: CaptureBuilder, depth: number): Promise<void> {
  if (depth > DEEPEST) throw new CaptureError(`${join(root, folder)}: folders lie too deep`);
  const names = await readdir(join(root, folder)).catch(() => [] as string[]);
  for (const name of names.sort()) {
    const path = folder === "" ? name : `${folder}/${name}`;
    const full = join(root, path);
    const found = await lstat(full).catch(() => undefined);
    if (found === undefined) continue;
    if (found.isSymbolicLink()) files.link(path, await readlink(full).catch(() => ""));
    else if (found.isDirectory()) {
      files.directory(path, found.mode & 0o7777);
      if (wanted.test(path) && name !== "power") await readFolder(root, path, files, depth + 1);
    } else if (found.isFile() && isToldFile(path)) await readFile(full, path, found.mode & 0o7777, files);
  }
}

/** Write-only files of a live tree are there, unread. */
async function readFile(full: string, path: string, mode: number, files: CaptureBuilder): Promise<void> {
  if ((mode & 0o444) === 0) return files.unreadable(path, mode, 0);
  try {
    const file = await open(full);
    try {
      const sink = files.file(path, mode);
      const chunk = new Uint8Array(CHUNK);
      for (;;) {
        const { bytesRead } = await file.read(chunk, 0, chunk.length);
        if (bytesRead === 0) break;
        sink.push(chunk.subarray(0, bytesRead));
      }
      sink.end();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CaptureError) throw error;
    const { errno } = error as NodeJS.ErrnoException;
    files.unreadable(path, mode, Math.abs(errno ?? 5));
  }
}
