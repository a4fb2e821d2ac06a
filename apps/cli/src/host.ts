import type { WorkerFactory } from "@memhp/machine";

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Width of the terminal, where it is one. */
  readonly columns: number | undefined;
}

/** A file that is being written, line by line. */
export interface LineFile {
  write(line: string): void;
  close(): void;
}

/** What a command needs of the process it runs in; tests bring their own. */
export interface Host {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workerFactory: WorkerFactory;
  /** Contents of a file, or of standard input for `-`. @throws InputError */
  readInput(file: string): Promise<string>;
  /** @throws InputError */
  createFile(file: string): LineFile;
  /** Settles when the user has had enough; the real process just ends. */
  interrupted(): Promise<void>;
}

/** Colour is for people: on a terminal, and not where NO_COLOR is set to anything. */
export function wantsColour(output: Output, env: Host["env"]): boolean {
  const noColour = env["NO_COLOR"];
  return output.isTerminal && env["TERM"] !== "dumb" && (noColour === undefined || noColour === "");
}
