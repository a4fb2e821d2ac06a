import { fileURLToPath } from "node:url";
import type { WorkerFactory } from "@memhp/machine";
import { cli } from "../src/cli.ts";
import { InputError } from "../src/errors.ts";
import type { Host, Output } from "../src/host.ts";
import { nodeHost } from "../src/node-host.ts";
import { keptWorkers } from "../../../tools/conformance/src/kept-workers.ts";

/** What a run of the command line left behind. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Contents of the files that were written. */
  readonly written: ReadonlyMap<string, string>;
}

export interface Around {
  /** Files that exist only for this run; others are read from the disk. */
  readonly files?: Readonly<Record<string, string>>;
  readonly stdoutIsTerminal?: boolean;
  readonly stderrIsTerminal?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly workerFactory?: WorkerFactory;
  readonly createFile?: Host["createFile"];
  readonly interrupted?: () => Promise<void>;
  /** Lines of standard input, for a prompt. */
  readonly lines?: readonly string[];
  /** Hears what is written to stderr as it is written. */
  readonly onStderr?: (text: string) => void;
}

const real = nodeHost();

/** The whole program in this process, with a host that remembers. */
export async function memhp(args: readonly string[], around: Around = {}): Promise<Ran> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const written = new Map<string, string>();
  const output = (parts: string[], isTerminal = false): Output => {
    const decoder = new TextDecoder();
    const write = (text: string): void => {
      parts.push(text);
      if (parts === stderr) around.onStderr?.(text);
    };
    return {
      write,
      writeBytes: (bytes) => write(decoder.decode(bytes, { stream: true })),
      isTerminal,
      columns: isTerminal ? around.columns : undefined,
    };
  };
  const host: Host = {
    stdout: output(stdout, around.stdoutIsTerminal),
    stderr: output(stderr, around.stderrIsTerminal),
    env: around.env ?? {},
    workerFactory: around.workerFactory ?? keptWorkers,
    interrupted: around.interrupted ?? (() => Promise.resolve()),
    onInterrupt: () => () => {},
    readInput: async (file) => around.files?.[file] ?? real.readInput(file),
    async *readPieces(file) {
      const own = around.files?.[file];
      if (own === undefined) yield* real.readPieces(file);
      else yield Buffer.from(own, "latin1");
    },
    async prompt(prompt) {
      for (const line of around.lines ?? []) if (!(await prompt.line(line))) return;
    },
    createFile(file) {
      if (around.createFile !== undefined) return around.createFile(file);
      if (file.startsWith("/nowhere/")) throw new InputError(`${file}: cannot be written: no such file`);
      return {
        write: (line) => {
          written.set(file, `${written.get(file) ?? ""}${line}\n`);
        },
        writeBytes: (bytes) => {
          written.set(file, `${written.get(file) ?? ""}${Buffer.from(bytes).toString("latin1")}`);
        },
        check: () => {},
        abandon: () => {},
        close: () => {},
      };
    },
  };
  const exitCode = await cli(args, host);
  return { exitCode, stdout: stdout.join(""), stderr: stderr.join(""), written };
}

/** A file that is published with the package. */
export function example(name: string): string {
  return fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
}

/** A recorded run of a real kernel: `6.1/b_sizes`. */
export function kernelTrace(id: string): string {
  return fileURLToPath(new URL(`../../../tools/conformance/kernel-traces/${id}.json`, import.meta.url));
}
