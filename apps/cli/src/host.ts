import type { WorkerFactory } from "@memhp/machine";
import type { LinePrompt } from "./output/prompt.ts";

export interface Output {
  write(text: string): void;
  /** The same for text as UTF-8. The bytes may be written over when it has returned. */
  writeBytes(bytes: Uint8Array): void;
  readonly isTerminal: boolean;
  /** Width of the terminal, where it is one. */
  readonly columns: number | undefined;
}

/** A file that is being written, line by line. */
export interface LineFile {
  /** Never throws: events of a machine come in the midst of its work. */
  write(line: string): void;
  /** The same for bytes as they are. */
  writeBytes(bytes: Uint8Array): void;
  /** @throws OutputError where a line could not be written */
  check(): void;
  /** The file is whole and has its name, or there is none. A second call does nothing. @throws OutputError */
  close(): void;
  /** As if it had never been opened. */
  abandon(): void;
}

/** What a command needs of the process it runs in; tests bring their own. */
export interface Host {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workerFactory: WorkerFactory;
  /** Paths of what processes of `--workers` run; without them the packages say. */
  readonly programs?: { readonly sweep: string; readonly fuzz: string };
  /** Contents of a file, or of standard input for `-`. @throws InputError */
  readInput(file: string): Promise<string>;
  /** The bytes of a file, or of standard input for `-`, as they come. @throws InputError */
  readPieces(file: string): AsyncIterable<Uint8Array>;
  /** Gives lines of standard input, typed or not, to a prompt until it ends. */
  prompt(prompt: LinePrompt): Promise<void>;
  /** @throws InputError */
  createFile(file: string): LineFile;
  /** Settles when the user has had enough; the real process just ends. */
  interrupted(): Promise<void>;
  /** What has to be done at once when the process is told to end. @returns what takes it back. */
  onInterrupt(end: () => void): () => void;
}

/** Colour is for people: on a terminal, and not where NO_COLOR is set to anything. */
export function wantsColour(output: Output, env: Host["env"]): boolean {
  const noColour = env["NO_COLOR"];
  return output.isTerminal && env["TERM"] !== "dumb" && (noColour === undefined || noColour === "");
}
