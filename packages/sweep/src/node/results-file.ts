import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { headerLine, readResults, resultLine } from "../results.ts";
import type { Sweep } from "../sweep.ts";
import type { RunResult } from "../sweep-runner.ts";

/**
 * A file of results, one line a run in the order of the runs. It is all the state that a sweep has: whoever is killed
 * goes on behind the last whole line.
 */
export class ResultsFile {
  /** Runs that were done before. */
  readonly done: readonly RunResult[];
  readonly #fd: number;
  #open = true;

  /** @throws SweepError where the file holds anything else, and the errors of the file system. */
  constructor(path: string, sweep: Sweep) {
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    const { results, wholeCharacters } = readResults(text, sweep, path);
    this.done = results;
    this.#fd = openSync(path, "a", 0o666);
    ftruncateSync(this.#fd, Buffer.byteLength(text.slice(0, wholeCharacters)));
    if (wholeCharacters === 0) this.#write(headerLine(sweep));
  }

  add(result: RunResult): void {
    if (this.#open) this.#write(resultLine(result));
  }

  close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }

  #write(line: string): void {
    for (let bytes = Buffer.from(`${line}\n`); bytes.length > 0;) bytes = bytes.subarray(writeSync(this.#fd, bytes));
  }
}
