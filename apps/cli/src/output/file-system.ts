import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";

/** What is at a path: nothing, an ordinary file, or something that cannot be replaced (a pipe, a device, a folder). */
type Target = { readonly kind: "none" } | { readonly kind: "file"; readonly mode: number } | { readonly kind: "other" };

/** The few calls that output files need; tests let the n-th of them fail. */
export interface FileSystem {
  /** Path of the file itself, behind symbolic links. */
  real(path: string): string;
  target(path: string): Target;
  /** @throws where the file may not be written */
  assertWritable(path: string): void;
  /** Opens for writing. `wx`: it must not exist. `w`: what was in it is gone. */
  open(path: string, flags: "wx" | "w", mode?: number): number;
  /** May write less than all. @returns bytes written */
  write(fd: number, bytes: Uint8Array): number;
  close(fd: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
}

export const nodeFileSystem: FileSystem = {
  real(path) {
    try {
      return realpathSync(path);
    } catch {
      return path;
    }
  },
  target(path) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined)
      return { kind: lstatSync(path, { throwIfNoEntry: false }) === undefined ? "none" : "other" };
    return found.isFile() ? { kind: "file", mode: found.mode & 0o7777 } : { kind: "other" };
  },
  assertWritable: (path) => accessSync(path, constants.W_OK),
  open(path, flags, mode) {
    const fd = openSync(path, flags);
    if (mode !== undefined) fchmodSync(fd, mode);
    return fd;
  },
  write: (fd, bytes) => writeSync(fd, bytes),
  close: closeSync,
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
};

/** Text becomes bytes here; a buffer for every piece would be garbage beside the heap, as long as the run. */
const room = new Uint8Array(1 << 18);
const encoder = new TextEncoder();

/** Writes all of it, in as many pieces as it takes. */
export function writeAll(files: Pick<FileSystem, "write">, fd: number, what: string | Uint8Array): void {
  if (typeof what !== "string") return writeBytes(files, fd, what);
  for (let rest = what; rest !== "";) {
    const { read, written } = encoder.encodeInto(rest, room);
    writeBytes(files, fd, room.subarray(0, written));
    rest = rest.slice(read);
  }
}

function writeBytes({ write }: Pick<FileSystem, "write">, fd: number, what: Uint8Array): void {
  for (let bytes = what; bytes.length > 0;) bytes = bytes.subarray(write(fd, bytes));
}
