import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { workerThreads } from "@memhp/machine/node";
import { InputError } from "./errors.ts";
import type { Host } from "./host.ts";
import { createInterruption, type Interruption } from "./output/interruption.ts";
import { createLineFile } from "./output/line-file.ts";
import { readPrompt } from "./output/prompt.ts";
import { reason } from "./output/reason.ts";
import { messages, type StandardOutput, standardOutput } from "./output/standard-output.ts";

/** Beside this module wherever that is: among the sources, built, or in a bundle. */
const beside = (name: string): URL => new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);

export interface NodeHost extends Host, Interruption {
  readonly stdout: StandardOutput;
}

/** The real process. */
export function nodeHost(): NodeHost {
  return {
    stdout: standardOutput(process.stdout, process.stdout.fd),
    stderr: messages(standardOutput(process.stderr, process.stderr.fd)),
    env: process.env,
    workerFactory: workerThreads({ url: beside("shard-worker") }),
    programs: { sweep: fileURLToPath(beside("sweep-process")), fuzz: fileURLToPath(beside("fuzz-process")) },
    // A signal ends the process (process.ts).
    interrupted: () => new Promise(() => {}),
    ...createInterruption(),
    async readInput(file) {
      try {
        return file === "-" ? await readAll(process.stdin) : await readFile(file, "utf8");
      } catch (error) {
        throw new InputError(`${file}: ${reason(error)}`, { cause: error });
      }
    },
    async *readPieces(file) {
      try {
        yield* file === "-" ? process.stdin : createReadStream(file);
      } catch (error) {
        throw new InputError(`${file}: ${reason(error)}`, { cause: error });
      }
    },
    prompt: readPrompt,
    createFile: (file) => createLineFile(file),
  };
}

async function readAll(stream: NodeJS.ReadStream): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece as Uint8Array));
  return Buffer.concat(pieces).toString("utf8");
}
