import { Socket } from "node:net";
import { Worker } from "node:worker_threads";
import type { ReaderData } from "./reader.ts";

/** Where requests come from, until the mount has gone. */
export interface RequestSource {
  readonly ended: Promise<void>;
}

export type OnRequest = (request: Uint8Array) => void;

/** A handle of libuv that polls a descriptor: the class is behind every pipe to a child, and has no public name. */
interface Pipe {
  open(fd: number): number;
}
type PipeClass = new (type: number) => Pipe;

const SOCKET = 0;

/**
 * Lets this thread's event loop poll the descriptor, which costs a tenth of a thread that waits and hands over, and leaves none behind
 * at the exit. Node has no door for that: its net.Socket takes a handle, and a handle of the right class comes from a pipe that is there
 * already.
 * @param pipe a socket of a child's standard input.
 * @returns undefined where this Node has no such class, or refuses.
 */
export function pollRequests(
  fd: number,
  bufferBytes: number,
  pipe: unknown,
  hear: OnRequest,
): RequestSource | undefined {
  const handle = polledHandle(fd, pipe);
  if (handle === undefined) return undefined;
  const options = {
    handle,
    onread: {
      buffer: new Uint8Array(bufferBytes),
      callback(length: number, buffer: Uint8Array): boolean {
        // Who keeps a part of a request copies it.
        hear(buffer.subarray(0, length));
        return true;
      },
    },
  };
  const socket = new Socket(options as unknown as ConstructorParameters<typeof Socket>[0]);
  const ended = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  // ENODEV, ECONNABORTED: it was unmounted.
  socket.on("error", () => {});
  socket.read(0);
  return { ended };
}

function polledHandle(fd: number, pipe: unknown): Pipe | undefined {
  const { constructor } = ((pipe as { readonly _handle?: object } | null)?._handle ?? {}) as {
    constructor?: PipeClass;
  };
  if (constructor?.name !== "Pipe") return undefined;
  try {
    const handle = new constructor(SOCKET);
    return handle.open(fd) === 0 ? handle : undefined;
  } catch {
    return undefined;
  }
}

/** Lets a thread of its own wait for requests, with nothing but Node's public doors. */
export function readRequests(fd: number, bufferBytes: number, hear: OnRequest): RequestSource {
  const data: ReaderData = { fd, bufferBytes };
  const worker = new Worker(new URL(import.meta.resolve("@memhp/mount/reader")), {
    name: "memhp mount",
    workerData: data,
  });
  worker.on("message", hear);
  return {
    ended: new Promise((resolve) => {
      worker.once("exit", () => resolve());
    }),
  };
}
