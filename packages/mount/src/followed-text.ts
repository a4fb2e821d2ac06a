/** No reader is ever so far behind that its place is gone, so a text has to end somewhere. */
const MOST = 1 << 26;

/** A text that grows, and whose readers wait at its end. */
export class FollowedText {
  #text = "";
  #waiting: (() => void)[] = [];

  /** Behind 64 MiB nothing is added any more. */
  add(text: string): void {
    if (this.#text.length + text.length > MOST) return;
    this.#text += text;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** What stands from `offset` on, as soon as something does. @throws the signal's reason when it aborts first */
  async read(offset: number, length: number, signal: AbortSignal): Promise<string> {
    while (offset >= this.#text.length) {
      await new Promise<void>((resolve, reject) => {
        const stop = (): void => reject(signal.reason as Error);
        if (signal.aborted) {
          stop();
          return;
        }
        signal.addEventListener("abort", stop, { once: true });
        this.#waiting.push(() => {
          signal.removeEventListener("abort", stop);
          resolve();
        });
      });
    }
    return this.#text.slice(offset, offset + length);
  }
}
