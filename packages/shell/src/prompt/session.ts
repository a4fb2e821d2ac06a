import type { Machine } from "@memhp/machine";
import type { Call, ServedFiles } from "@memhp/mount";

/** What the prompt's commands act on. */
export interface Session {
  readonly machine: Machine;
  /** The machine's files with memhp's own, as a mount shows them. */
  readonly files: ServedFiles;
  /** Signals what is running. */
  readonly call: Call;
  /** Where relative paths begin. */
  directory: string;
  readonly print: (text: string) => void;
  readonly warn: (text: string) => void;
}

/** @returns an exit status, as a program's. */
export type PromptCommand = (session: Session, words: readonly string[]) => Promise<number> | number;

/** A path of a line, without `.` and `..`, from where the session stands. */
export function absolutePath(directory: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${directory}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
