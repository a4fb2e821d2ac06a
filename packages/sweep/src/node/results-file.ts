import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { headerLine, readResults, resultLine } from "../results.ts";
import { lockFile } from "./file-lock.ts";
import type { Sweep } from "../sweep.ts";
import type { RunResult } from "../sweep-runner.ts";

/**
 * A file of results, one line a run in the order of the runs. It is all the state that a sweep has: whoever is killed
 * goes on behind the last whole line.
 */
export class ResultsFile {
  /** Runs that were done before. */
  readonly done: readonly RunResult[];
  #fd = -1;
  readonly #unlock: () => void;
  #open = true;

  /** @throws SweepError where the file holds anything else or somebody else writes it, and the errors of the file system. */
  constructor(path: string, sweep: Sweep) {
    // What is no file of its own (a pipe, a terminal) can have several writers.
    const isPlain = !existsSync(path) || statSync(path).isFile();
    this.#unlock = isPlain ? lockFile(path) : () => {};
    try {
      this.done = this.#read(path, sweep);
    } catch (error) {
      this.#unlock();
      throw error;
    }
  }

  #read(path: string, sweep: Sweep): readonly RunResult[] {
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    const { results, wholeCharacters } = readResults(text, sweep, path);
    this.#fd = openSync(path, "a", 0o666);
    ftruncateSync(this.#fd, Buffer.byteLength(text.slice(0, wholeCharacters)));
    if (wholeCharacters === 0) this.#write(headerLine(sweep));
    return results;
  }

  add(result: RunResult): void {
    if (this.#open) this.#write(resultLine(result));
  }

  close(): void {
    if (!this.#open) return;
    closeSync(this.#fd);
    this.#unlock();
    this.#open = false;
  }

  #write(line: string): void {
    for (let bytes = Buffer.from(`${line}\n`); bytes.length > 0;) bytes = bytes.subarray(writeSync(this.#fd, bytes));
  }
}
