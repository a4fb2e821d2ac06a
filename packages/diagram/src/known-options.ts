/**
 * Refuses a misspelt option, which would be passed over without a word otherwise. This package has no other of memhp to ask.
 * @throws TypeError for what is no object, or has another key.
 */
export function knownOptions<Options extends object>(
  place: string,
  value: Options,
  keys: Readonly<Record<keyof Options, true>>,
): void {
  if (typeof value !== "object" || value === null)
    throw new TypeError(`${place}: expected an object, found ${String(value)}`);
  for (const key of Object.keys(value))
    if (!Object.hasOwn(keys, key))
      throw new TypeError(`${place}.${key}: not known (allowed: ${Object.keys(keys).join(", ")})`);
}
