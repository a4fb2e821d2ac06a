import { closeSync, write, writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { Filesystem, MAX_WRITE_BYTES } from "../filesystem/filesystem.ts";
import type { ServedFiles } from "../filesystem/served-files.ts";
import { EIO } from "../protocol/errno.ts";
import { errorReply } from "../protocol/reply.ts";
import { decodeRequest } from "../protocol/request.ts";
import { mountFuse, unmountFuse } from "./commands.ts";
import { mountRefused, openFuse } from "./device.ts";
import { prepareMountpoint } from "./mountpoint.ts";
import type { ReaderData } from "./reader.ts";
import { Watchdog } from "./watchdog.ts";

/** A mount that is being served from this thread. */
export interface Mount {
  readonly directory: string;
  /** A dead mount of an earlier run was taken away first. */
  readonly wasStale: boolean;
  /** Tells the kernel of names that have gone; call it after entries went. */
  forgetVanished(): void;
  /** Requests that wait, open files, names that the kernel knows. */
  counts(): Filesystem["counts"];
  /** Settles when the mount is gone, whoever took it away. */
  readonly gone: Promise<void>;
  /** Answers EINTR to everybody who waits, and unmounts. */
  unmount(): Promise<void>;
}

export interface ServeOptions {
  /** Time of all files, since 1970; 0 unless told otherwise. */
  readonly seconds?: number;
  /** Hears of a bug of memhp while it served; the request was answered EIO. */
  readonly onBug?: (error: unknown) => void;
}

/** The kernel wants room for the largest write and its headers. */
const BUFFER_BYTES = MAX_WRITE_BYTES + 4096;

/**
 * Mounts files at a directory and serves them from this thread, whose event loop must not wait for the mount: no `readFileSync`
 * below it from here.
 * @throws MountUnavailable with what to do about it.
 */
export async function serveFiles(files: ServedFiles, path: string, options: ServeOptions = {}): Promise<Mount> {
  const fd = openFuse();
  const { directory, wasStale } = await prepareMountpoint(path).catch((error: unknown) => {
    closeSync(fd);
    throw error;
  });
  const filesystem = new Filesystem(files, options.seconds ?? 0);
  const data: ReaderData = { fd, bufferBytes: BUFFER_BYTES };
  const watchdog = new Watchdog(directory);
  const reader = new Worker(new URL(import.meta.resolve("@memhp/mount/reader")), {
    name: "memhp mount",
    workerData: data,
  });
  const gone = new Promise<void>((resolve) => {
    reader.once("exit", () => {
      filesystem.interruptAll();
      watchdog.dismiss();
      closeSync(fd);
      isOpen = false;
      resolve();
    });
  });
  let isOpen = true;
  const send = (message: Uint8Array | undefined): void => {
    if (message === undefined || !isOpen) return;
    try {
      writeSync(fd, message);
    } catch {
      // ENOENT: who asked was killed meanwhile. ENODEV, ENOTCONN: the mount has gone.
    }
  };
  const failed = (unique: bigint, error: unknown): Uint8Array => {
    options.onBug?.(error);
    return errorReply(unique, EIO);
  };
  reader.on("message", (bytes: Uint8Array) => {
    const request = decodeRequest(bytes);
    try {
      const answer = filesystem.answer(request);
      if (answer instanceof Promise) void answer.catch((error: unknown) => failed(request.unique, error)).then(send);
      else send(answer);
    } catch (error) {
      send(failed(request.unique, error));
    }
  });
  const mounted = await mountFuse(fd, directory);
  if (mounted.status !== 0) {
    await reader.terminate();
    throw mountRefused(directory, mounted.stderr);
  }
  return {
    directory,
    wasStale,
    gone,
    counts: () => filesystem.counts,
    forgetVanished() {
      // From another thread: the kernel may hold the directory for a lookup that this thread is to answer.
      for (const message of filesystem.vanished()) if (isOpen) write(fd, message, () => {});
    },
    async unmount() {
      filesystem.interruptAll();
      await new Promise((resolve) => setImmediate(resolve));
      await unmountFuse(directory);
      await gone;
    },
  };
}
