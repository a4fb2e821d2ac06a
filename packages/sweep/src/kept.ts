/** How many are kept; runs that share one lie close to each other. */
const KEPT = 4;

/** The few things that were asked for last. */
export class Kept<Value> {
  readonly #values = new Map<string, Value>();

  has(key: string): boolean {
    return this.#values.has(key);
  }

  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    // The last one asked for is the last to go.
    if (value !== undefined && this.#values.delete(key)) this.#values.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.#values.set(key, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > KEPT && oldest !== undefined) this.#values.delete(oldest);
  }
}
