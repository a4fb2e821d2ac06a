import { CaptureError } from "../files/capture-error.ts";
import { PageRuns, type PageValue } from "./page-runs.ts";

/** Most runs that are read of one file: 512 MiB of columns. A terabyte of memory in use has a tenth of that. */
const MOST_RUNS: number = 2 ** 25;
const MOST_PAGES_OF_A_RUN = 2 ** 32 - 1;
/** Physical addresses have 52 bits at most. */
const MOST_PFN = 2 ** 40;
/** Values are a few hundred in any real file. */
const MOST_VALUES = 2 ** 20;

/** Takes runs in ascending order; neighbours of one value become one run. */
export class RunsBuilder {
  readonly #file: string;
  readonly #values: PageValue[] = [];
  readonly #indexOf = new Map<string, number>();
  #starts = new Float64Array(1024);
  #counts = new Uint32Array(1024);
  #indexes = new Uint32Array(1024);
  #length = 0;
  #end = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Pfn behind the last run. */
  get end(): number {
    return this.#end;
  }

  /** `value` is hexadecimal, without 0x. @throws CaptureError */
  add(startPfn: number, pages: number, value: string, place: () => string): void {
    if (!(pages >= 1 && pages <= MOST_PAGES_OF_A_RUN) || !(startPfn + pages <= MOST_PFN))
      throw new CaptureError(`${place()}: ${pages} pages from pfn 0x${startPfn.toString(16)} on are no run of pages`);
    if (startPfn < this.#end)
      throw new CaptureError(
        `${place()}: pfn 0x${startPfn.toString(16)} comes after 0x${(this.#end - 1).toString(16)}; runs must ascend`,
      );
    const index = this.#valueIndex(value, place);
    const last = this.#length - 1;
    if (
      last >= 0 &&
      startPfn === this.#end &&
      this.#indexes[last] === index &&
      (this.#counts[last] as number) + pages <= MOST_PAGES_OF_A_RUN
    ) {
      this.#counts[last] = (this.#counts[last] as number) + pages;
    } else {
      this.#reserve();
      this.#starts[this.#length] = startPfn;
      this.#counts[this.#length] = pages;
      this.#indexes[this.#length] = index;
      this.#length++;
    }
    this.#end = startPfn + pages;
  }

  finish(isCut: boolean): PageRuns {
    const columns = { starts: this.#starts, counts: this.#counts, indexes: this.#indexes };
    return new PageRuns(this.#values, this.#length, columns, isCut);
  }

  #valueIndex(text: string, place: () => string): number {
    const known = this.#indexOf.get(text);
    if (known !== undefined) return known;
    if (!/^[0-9a-f]{1,16}$/i.test(text))
      throw new CaptureError(`${place()}: ${text.slice(0, 20)} is no hexadecimal value`);
    if (this.#values.length >= MOST_VALUES) throw new CaptureError(`${place()}: more than ${MOST_VALUES} values`);
    const digits = text.padStart(16, "0");
    this.#values.push({ low: Number.parseInt(digits.slice(8), 16), high: Number.parseInt(digits.slice(0, 8), 16) });
    this.#indexOf.set(text, this.#values.length - 1);
    return this.#values.length - 1;
  }

  #reserve(): void {
    const size = this.#starts.length;
    if (this.#length < size) return;
    if (size >= MOST_RUNS) throw new CaptureError(`${this.#file}: more than ${MOST_RUNS} runs of pages`);
    const starts = new Float64Array(size * 2);
    const counts = new Uint32Array(size * 2);
    const indexes = new Uint32Array(size * 2);
    starts.set(this.#starts);
    counts.set(this.#counts);
    indexes.set(this.#indexes);
    this.#starts = starts;
    this.#counts = counts;
    this.#indexes = indexes;
  }
}
