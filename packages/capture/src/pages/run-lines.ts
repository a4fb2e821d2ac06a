import { CaptureError } from "../files/capture-error.ts";
import type { PageRuns } from "./page-runs.ts";
import { RunsBuilder } from "./runs-builder.ts";

const LONGEST_LINE = 128;

/**
 * Reads runs of pages as text, chunk by chunk: lines `start count value` (start and value hexadecimal, count decimal),
 * or `count value` for the pages that follow, as `uniq -c` prints them. `@start` moves on to a pfn.
 */
export class RunLines {
  readonly #file: string;
  readonly #runs: RunsBuilder;
  readonly #decoder = new TextDecoder("latin1");
  #rest = "";
  #line = 0;
  #next = 0;

  constructor(file: string) {
    this.#file = file;
    this.#runs = new RunsBuilder(file);
  }

  /** @throws CaptureError */
  push(chunk: Uint8Array): void {
    const text = this.#rest + this.#decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
      this.#take(text.slice(from, end));
      from = end + 1;
    }
    this.#rest = text.slice(from);
    if (this.#rest.length > LONGEST_LINE) throw this.#noRun(this.#rest);
  }

  /** A last line without its end is left out: the file was cut there. `isCut` says that more is known to be missing. */
  finish(isCut = false): PageRuns {
    return this.#runs.finish(isCut || this.#rest.trim() !== "");
  }

  readonly #place = (): string => `${this.#file}:${this.#line}`;

  #take(line: string): void {
    this.#line++;
    const words = line.trim().split(/\s+/, 4);
    const [first, second, third] = words as [string, string?, string?];
    if (words.length === 3) this.#add(this.#pfn(first), this.#pages(second as string), third as string);
    else if (words.length === 2) this.#add(this.#next, this.#pages(first), second as string);
    else if (words.length === 1 && first.startsWith("@")) this.#next = this.#pfn(first.slice(1));
    else if (first !== "" || words.length > 1) throw this.#noRun(line);
  }

  #add(startPfn: number, pages: number, value: string): void {
    this.#runs.add(startPfn, pages, value, this.#place);
    this.#next = startPfn + pages;
  }

  #pfn(word: string): number {
    if (!/^[0-9a-f]{1,13}$/i.test(word)) throw this.#noRun(word);
    return Number.parseInt(word, 16);
  }

  #pages(word: string): number {
    if (!/^\d{1,15}$/.test(word)) throw this.#noRun(word);
    return Number(word);
  }

  #noRun(line: string): CaptureError {
    return new CaptureError(`${this.#place()}: "${line.slice(0, 40)}" is no run of pages (start count value)`);
  }
}
