import { readSync, writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { decodeRequest, Filesystem, type ServedFiles } from "@memhp/mount";

// The least that an adapter without native code can take: one thread that waits, decodes and answers, and one constant file.

const file = { kind: "file", mode: 0o644, size: 4096 } as const;
const directory = { kind: "dir", mode: 0o755, size: 0 } as const;
const none = {
  ok: false,
  refusal: { errno: "ENOENT", code: "no_entry", rule: "none", retry: "no", remedy: [] },
} as const;

const files: ServedFiles = {
  stat: (path) =>
    path === "/state" ? { ok: true, value: file } : path === "/" ? { ok: true, value: directory } : none,
  list: () => ({ ok: true, value: ["state"] }),
  readlink: () => none,
  read: () => ({ ok: true, value: "online\n" }),
  readRange: () => none,
  write: (_path, data) => ({ openErrno: 0, ret: data.length, errno: 0 }),
};

const { fd } = workerData as { readonly fd: number };
const buffer = new Uint8Array(1 << 18);
const filesystem = new Filesystem(files, 0);
const MOUNTING_MS = 1;

for (let isMounted = true; isMounted;) {
  try {
    const answer = filesystem.answer(decodeRequest(buffer.slice(0, readSync(fd, buffer))));
    const message = answer instanceof Promise ? await answer : answer;
    if (message !== undefined) writeSync(fd, message);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EPERM") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, MOUNTING_MS);
    else isMounted = code === "ENOENT" || code === "EINTR";
  }
}
