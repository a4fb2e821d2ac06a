import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { InputError, OutputError } from "../errors.ts";
import type { LineFile } from "../host.ts";
import { type FileSystem, nodeFileSystem, writeAll } from "./file-system.ts";
import { reason } from "./reason.ts";

/** Written at once in large pieces: events come faster than a stream would drain. */
const WRITE_CHARACTERS = 1 << 16;

/**
 * A file that is written line by line. It grows beside its name and takes the name when it is closed, so nobody ever finds half a
 * file there; a pipe or a device is written as it is.
 * @throws InputError where it cannot be written at all
 */
export function createLineFile(file: string, files: FileSystem = nodeFileSystem): LineFile {
  try {
    return new OpenLineFile(file, open(file, files), files);
  } catch (error) {
    throw new InputError(`${file}: cannot be written: ${reason(error)}`, { cause: error });
  }
}

interface Opened {
  readonly fd: number;
  /** Where it is until it has its name. */
  readonly beside?: { readonly path: string; readonly name: string };
}

function open(file: string, files: FileSystem): Opened {
  const target = files.target(file);
  if (target.kind === "other") return { fd: files.open(file, "w") };
  const name = target.kind === "file" ? files.real(file) : file;
  if (target.kind === "file") files.assertWritable(name);
  const path = join(dirname(name), `.${basename(name)}.${randomBytes(6).toString("hex")}`);
  try {
    const fd = files.open(path, "wx", target.kind === "file" ? target.mode : undefined);
    return { fd, beside: { path, name } };
  } catch (error) {
    // A file that may be written in a folder that may not.
    if (target.kind === "file" && ["EACCES", "EPERM", "EROFS"].includes(codeOf(error)))
      return { fd: files.open(file, "w") };
    throw error;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "";
}

class OpenLineFile implements LineFile {
  readonly #file: string;
  readonly #files: FileSystem;
  readonly #opened: Opened;
  #waiting = "";
  #failure: OutputError | undefined;
  #closed = false;

  constructor(file: string, opened: Opened, files: FileSystem) {
    this.#file = file;
    this.#opened = opened;
    this.#files = files;
  }

  write(line: string): void {
    if (this.#failure !== undefined || this.#closed) return;
    this.#waiting += `${line}\n`;
    if (this.#waiting.length >= WRITE_CHARACTERS) this.#flush();
  }

  writeBytes(bytes: Uint8Array): void {
    if (this.#failure !== undefined || this.#closed) return;
    this.#flush();
    this.#attempt(() => writeAll(this.#files, this.#opened.fd, bytes));
  }

  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    const { fd, beside } = this.#opened;
    // What a file system could not write it may tell only now.
    this.#attempt(() => this.#files.close(fd));
    if (beside !== undefined && this.#failure === undefined)
      this.#attempt(() => this.#files.rename(beside.path, beside.name));
    if (this.#failure === undefined) return;
    if (beside !== undefined) this.#removeRest(beside.path);
    throw this.#failure;
  }

  abandon(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { fd, beside } = this.#opened;
    this.#attempt(() => this.#files.close(fd));
    if (beside !== undefined) this.#removeRest(beside.path);
  }

  #flush(): void {
    if (this.#failure !== undefined) return;
    this.#attempt(() => writeAll(this.#files, this.#opened.fd, this.#waiting));
    this.#waiting = "";
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failure ??= new OutputError(`${this.#file}: cannot be written: ${reason(error)}`, { cause: error });
    }
  }

  /** The failure is told already; that the rest of it stays beside is no second one. */
  #removeRest(path: string): void {
    try {
      this.#files.remove(path);
    } catch {
      /* it stays */
    }
  }
}
