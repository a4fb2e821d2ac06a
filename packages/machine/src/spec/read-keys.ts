import { fail } from "@memhp/devices";

/** Keys of recorded machines that tell something of their recorder, and nothing of the machine. */
const OF_RECORDERS = new Set(["reserve_off"]);

/** A description that notes which of its keys somebody has looked at. What nobody reads is not carried out. */
export class ReadKeys {
  readonly record: Record<string, unknown>;
  readonly #given: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  constructor(given: Readonly<Record<string, unknown>>) {
    this.#given = given;
    const read = this.#read;
    this.record = new Proxy(
      { ...given },
      {
        get(target, key) {
          if (typeof key === "string") read.add(key);
          return target[key as string];
        },
      },
    );
  }

  /** @throws SpecError for the first key that nobody has looked at. */
  refuseUnread(where: string): void {
    for (const key of Object.keys(this.#given))
      if (!this.#read.has(key) && !OF_RECORDERS.has(key))
        fail(`${where}.${key}`, `not known (allowed: ${[...this.#read].toSorted().join(", ")})`);
  }
}
