import { fstatSync } from "node:fs";
import { OutputError } from "../errors.ts";
import type { Output } from "../host.ts";
import { type FileSystem, nodeFileSystem, writeAll } from "./file-system.ts";
import { reason } from "./reason.ts";

export interface StandardOutput extends Output {
  /** Why what was written did not arrive, as far as one knows by now. A reader that went away is none. */
  readonly failure: OutputError | undefined;
}

type Stream = Pick<NodeJS.WriteStream, "write" | "on" | "isTTY" | "columns">;

/**
 * Standard output or standard error. Whoever reads it may stop at any time (`memhp run … | head`): the run goes on unheard, and
 * its exit code tells how it went.
 */
export function standardOutput(
  stream: Stream,
  fd: number,
  files: Pick<FileSystem, "write"> = nodeFileSystem,
): StandardOutput {
  let isUnheard = false;
  let failure: OutputError | undefined;
  // Node writes to a file without looking how much of it arrived.
  const isFile = !stream.isTTY && isFileOrDevice(fd);
  const hear = (error: unknown): void => {
    if (["EPIPE", "EIO"].includes((error as NodeJS.ErrnoException).code ?? "") && !isFile) isUnheard = true;
    else failure ??= new OutputError(`standard output: cannot be written: ${reason(error)}`, { cause: error });
  };
  stream.on("error", hear);
  const write = (what: string | Uint8Array): void => {
    if (isUnheard) return;
    if (failure !== undefined) throw failure;
    try {
      if (isFile) writeAll(files, fd, what);
      // A stream may keep what it is given for later.
      else stream.write(typeof what === "string" ? what : what.slice());
    } catch (error) {
      hear(error);
    }
    // Set by `hear`, at once where the write was.
    if (failure !== undefined) throw failure as OutputError;
  };
  return {
    write,
    writeBytes: write,
    get failure() {
      return failure;
    },
    isTerminal: stream.isTTY,
    columns: stream.columns,
  };
}

function isFileOrDevice(fd: number): boolean {
  try {
    const found = fstatSync(fd);
    return found.isFile() || found.isCharacterDevice();
  } catch {
    return false;
  }
}

/** Messages that nobody can read any more are no reason to fail. */
export function messages(output: Output): Output {
  const quietly = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
    }
  };
  return {
    ...output,
    write: (text) => quietly(() => output.write(text)),
    writeBytes: (bytes) => quietly(() => output.writeBytes(bytes)),
  };
}
