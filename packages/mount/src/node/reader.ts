import { readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

/** What the reading thread is given. */
export interface ReaderData {
  /** Descriptor of /dev/fuse. */
  readonly fd: number;
  readonly bufferBytes: number;
}

/** How long to wait for mount(2), which makes the descriptor readable. */
const RETRY_MS = 1;

/**
 * Waits for requests in a thread of its own: a read of /dev/fuse that waits would hold one of libuv's few threads, and nothing of
 * Node polls a descriptor of this kind. Ends when the file system is unmounted.
 */
function readRequests({ fd, bufferBytes }: ReaderData, post: (request: Uint8Array<ArrayBuffer>) => void): void {
  const buffer = new Uint8Array(bufferBytes);
  for (;;) {
    try {
      post(buffer.slice(0, readSync(fd, buffer)));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // ENOENT: the request was taken back before it was read. EPERM: not mounted yet.
      if (code === "EPERM") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      else if (code !== "EINTR" && code !== "EAGAIN" && code !== "ENOENT") return;
    }
  }
}

const port = parentPort;
if (port === null) throw new Error("@memhp/mount/reader runs in a worker thread");
readRequests(workerData as ReaderData, (request) => port.postMessage(request, [request.buffer]));
