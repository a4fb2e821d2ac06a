import { closeSync, openSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { workerThreads } from "@memhp/machine/node";
import { InputError } from "./errors.ts";
import type { Host, LineFile, Output } from "./host.ts";

/** The real process. */
export function nodeHost(): Host {
  return {
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    env: process.env,
    workerFactory: workerThreads(),
    // SIGINT ends the process (main.ts).
    interrupted: () => new Promise(() => {}),
    async readInput(file) {
      try {
        return file === "-" ? await readAll(process.stdin) : await readFile(file, "utf8");
      } catch (error) {
        throw new InputError(`${file}: ${reason(error)}`, { cause: error });
      }
    },
    createFile(file) {
      try {
        return lineFile(openSync(file, "w"));
      } catch (error) {
        throw new InputError(`${file}: cannot be written: ${reason(error)}`, { cause: error });
      }
    },
  };
}

function output(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => {
      stream.write(text);
    },
    isTerminal: stream.isTTY,
    columns: stream.columns,
  };
}

const WRITE_BYTES = 1 << 16;

/** Written at once in large pieces: events come faster than a stream would drain. */
function lineFile(fd: number): LineFile {
  let waiting = "";
  const flush = (): void => {
    let bytes = Buffer.from(waiting);
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(fd, bytes));
    waiting = "";
  };
  return {
    write(line) {
      waiting += `${line}\n`;
      if (waiting.length >= WRITE_BYTES) flush();
    },
    close() {
      flush();
      closeSync(fd);
    },
  };
}

async function readAll(stream: NodeJS.ReadStream): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece as Uint8Array));
  return Buffer.concat(pieces).toString("utf8");
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "is a directory",
  EACCES: "permission denied",
};

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : reasons[code]) ?? message;
}
