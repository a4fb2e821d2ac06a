import { createWriteStream, rmSync, type WriteStream } from "node:fs";
import { mkdir, readdir, rename, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { finished } from "node:stream/promises";
import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import { CaptureError } from "../../files/capture-error.ts";
import type { OutputEntry } from "./output-entry.ts";
import { TAR_END, tarEntry } from "./tar-entry.ts";

/** Where a capture goes. */
export interface CaptureOutput {
  write(entry: OutputEntry): Promise<void>;
  /** Whole now, under its name. */
  close(): Promise<void>;
  /** As if it had never been begun; at once, since the process may be about to end. */
  abandon(): void;
}

/** An archive for names that end in .tar.zst, .tar.gz, .tgz or .tar; else a directory, new or empty. @throws CaptureError */
export async function openOutput(path: string): Promise<CaptureOutput> {
  if (path.endsWith(".tar.zst")) {
    if (zlib.createZstdCompress === undefined)
      throw new CaptureError(`${path}: this Node has no Zstandard (it came with 22.15); name a .tar.gz`);
    return archive(path, zlib.createZstdCompress());
  }
  if (/\.(tar\.gz|tgz)$/.test(path)) return archive(path, zlib.createGzip());
  return path.endsWith(".tar") ? archive(path, undefined) : directory(path);
}

async function archive(path: string, packer: Transform | undefined): Promise<CaptureOutput> {
  const unfinished = `${path}.part`;
  const file = createWriteStream(unfinished, { mode: 0o600 });
  const into: Transform | WriteStream = packer ?? file;
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
  };
  file.on("error", fail);
  packer?.on("error", fail);
  packer?.pipe(file);
  const put = async (bytes: Uint8Array): Promise<void> => {
    if (failure !== undefined) throw failure;
    if (!into.write(bytes))
      await new Promise<void>((resolve) => {
        const go = (): void => {
          into.off("drain", go);
          file.off("error", go);
          resolve();
        };
        into.on("drain", go);
        file.on("error", go);
      });
  };
  return {
    async write(entry) {
      for (const bytes of tarEntry(entry)) await put(bytes);
    },
    async close() {
      await put(TAR_END);
      into.end();
      await finished(file);
      await rename(unfinished, path);
    },
    abandon() {
      into.destroy();
      file.destroy();
      rmSync(unfinished, { force: true });
    },
  };
}

async function directory(path: string): Promise<CaptureOutput> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if ((await readdir(path)).length > 0)
    throw new CaptureError(`${path}: this directory has something in it already; name a new one, or a .tar.zst`);
  const made = new Set<string>();
  const begun = new Set<string>();
  return {
    async write({ path: name, text, target }) {
      const full = join(path, name);
      const folder = text === undefined && target === undefined ? full : dirname(full);
      if (!made.has(folder)) {
        made.add(folder);
        await mkdir(folder, { recursive: true });
      }
      begun.add(name.split("/")[0] as string);
      // Written for whoever made it: the modes of the host are in modes.tsv.
      if (target !== undefined) await symlink(target, full);
      else if (text !== undefined) await writeFile(full, text, { encoding: "latin1", mode: 0o600 });
    },
    close: () => Promise.resolve(),
    abandon() {
      for (const name of begun) rmSync(join(path, name), { recursive: true, force: true });
    },
  };
}
