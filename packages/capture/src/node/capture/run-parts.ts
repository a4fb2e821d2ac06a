/** Text of a part before it is written down. */
const PART = 2 ** 20;

/** Codes pages as runs `count value`, in parts of about a mebibyte that follow one another. */
export class RunParts {
  readonly #name: string;
  #text = "";
  #part = 0;
  #pages = 0;
  #low = 0;
  #high = 0;
  #runs = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Runs so far. */
  get runs(): number {
    return this.#runs;
  }

  /** Goes on at a pfn. */
  moveTo(pfn: number): void {
    this.#end();
    this.#text += `@${pfn.toString(16)}\n`;
  }

  /** Takes values of pages, each as two words, low first. */
  take(words: Uint32Array): void {
    let low = this.#low;
    let high = this.#high;
    let pages = this.#pages;
    for (let at = 0; at < words.length; at += 2) {
      const nextLow = words[at] as number;
      const nextHigh = words[at + 1] as number;
      if (nextLow !== low || nextHigh !== high) {
        this.#pages = pages;
        this.#low = low;
        this.#high = high;
        this.#end();
        low = nextLow;
        high = nextHigh;
        pages = 0;
      }
      pages++;
    }
    this.#low = low;
    this.#high = high;
    this.#pages = pages;
  }

  /** A part that is full, or at the end whatever is left. */
  part(isLast = false): { readonly path: string; readonly text: string } | undefined {
    if (isLast) this.#end();
    if (this.#text === "" || (!isLast && this.#text.length < PART)) return undefined;
    const text = this.#text;
    this.#text = "";
    const number = String(this.#part++).padStart(6, "0");
    return { path: `${this.#name}.${number}.runs`, text };
  }

  #end(): void {
    if (this.#pages === 0) return;
    const low = this.#low.toString(16);
    const value = this.#high === 0 ? low : `${this.#high.toString(16)}${low.padStart(8, "0")}`;
    this.#text += `${this.#pages} ${value}\n`;
    this.#pages = 0;
    this.#runs++;
  }
}
