import { knownOptions } from "@memhp/abi";
import { closeSync, write, writeSync } from "node:fs";
import { Filesystem, MAX_WRITE_BYTES } from "../filesystem/filesystem.ts";
import type { ServedFiles } from "../filesystem/served-files.ts";
import { EIO } from "../protocol/errno.ts";
import { errorReply } from "../protocol/reply.ts";
import { decodeRequest } from "../protocol/request.ts";
import { mountFuse, unmountFuse } from "./commands.ts";
import { mountRefused, openFuse } from "./device.ts";
import { prepareMountpoint } from "./mountpoint.ts";
import { pollRequests, readRequests } from "./request-source.ts";
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

/** How files are served. */
export interface ServeOptions {
  /** Time of all files, since 1970; 0 unless told otherwise. */
  readonly seconds?: number;
  /** False: a thread of its own waits for requests, although this Node can poll for them. Slower. */
  readonly isPolled?: boolean;
  /**
   * After so many seconds in which the main thread waits for a file system of this kind, which may be its own, the mount is taken
   * away: the call that waits fails with ECONNABORTED. 10 unless told otherwise.
   */
  readonly stuckSeconds?: number;
  /** Hears of a bug of memhp while it served; the request was answered EIO. */
  readonly onBug?: (error: unknown) => void;
}

/** The kernel wants room for the largest write and its headers. */
const STUCK_SECONDS = 10;
const BUFFER_BYTES = MAX_WRITE_BYTES + 4096;

const OPTIONS: Readonly<Record<keyof ServeOptions, true>> = {
  seconds: true,
  isPolled: true,
  stuckSeconds: true,
  onBug: true,
};

/**
 * Mounts files at a directory and serves them from this thread, whose event loop must not wait for the mount: no `readFileSync`
 * below it from here.
 * @throws MountUnavailable with what to do about it.
 */
export async function serveFiles(files: ServedFiles, path: string, options: ServeOptions = {}): Promise<Mount> {
  knownOptions("serveFiles: options", options, OPTIONS);
  const fd = openFuse();
  const { directory, wasStale } = await prepareMountpoint(path).catch((error: unknown) => {
    closeSync(fd);
    throw error;
  });
  const filesystem = new Filesystem(files, options.seconds ?? 0);
  const watchdog = new Watchdog(directory, options.stuckSeconds ?? STUCK_SECONDS);
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
  const hear = (bytes: Uint8Array): void => {
    const request = decodeRequest(bytes);
    try {
      const answer = filesystem.answer(request);
      if (answer instanceof Promise) void answer.catch((error: unknown) => failed(request.unique, error)).then(send);
      else send(answer);
    } catch (error) {
      send(failed(request.unique, error));
    }
  };
  // Before that a read is EPERM; the kernel's first request waits meanwhile.
  const mounted = await mountFuse(fd, directory);
  if (mounted.status !== 0) {
    watchdog.dismiss();
    closeSync(fd);
    throw mountRefused(directory, mounted.stderr);
  }
  const polled = options.isPolled === false ? undefined : pollRequests(fd, BUFFER_BYTES, watchdog.pipe, hear);
  const source = polled ?? readRequests(fd, BUFFER_BYTES, hear);
  const gone = source.ended.finally(() => {
    isOpen = false;
    filesystem.interruptAll();
    watchdog.dismiss();
    // A socket closes what it polled.
    if (polled === undefined) closeSync(fd);
  });
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
