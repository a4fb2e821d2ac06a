import { type Errno, errnoFromNumber, errnoNames } from "@memhp/abi";
import { type FaultOperation, faultOperations, type FaultWhen, type FileFault } from "./file-faults.ts";

/** How a fault is written. */
export const faultUsage =
  "PATH OPERATION [EIO|errno=EIO|errno=5] [always|once|first=N|every=N|p=0.1] [delay=2s] [texts=online,offline]";

const NS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

/**
 * Reads a fault from words: `/sys/devices/system/memory/memory40/state write EBUSY every=3`.
 * @throws RangeError that names the word and what is allowed.
 */
export function parseFault(words: readonly string[]): FileFault {
  const [path = "", operation = "", ...options] = words;
  if (!path.startsWith("/")) throw new RangeError(`expected an absolute path, found ${JSON.stringify(path)}`);
  if (!(faultOperations as readonly string[]).includes(operation))
    throw new RangeError(
      `operation ${JSON.stringify(operation)} is not known (allowed: ${faultOperations.join(", ")})`,
    );
  const start: FileFault = { path, operation: operation as FaultOperation, when: { kind: "always" } };
  return Object.assign(start, ...options.map(parseOption)) as FileFault;
}

function parseOption(option: string): Partial<FileFault> {
  const equals = option.indexOf("=");
  const [name, value] = equals === -1 ? [option, ""] : [option.slice(0, equals), option.slice(equals + 1)];
  if (equals === -1 && isErrno(option)) return { errno: option };
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  const parsed = read?.(value);
  if (parsed === undefined)
    throw new RangeError(`${JSON.stringify(option)} is not understood (expected ${faultUsage})`);
  return parsed;
}

const when = (moments: FaultWhen): Partial<FileFault> => ({ when: moments });

const readers: Readonly<Record<string, (value: string) => Partial<FileFault> | undefined>> = {
  always: (value) => (value === "" ? when({ kind: "always" }) : undefined),
  once: (value) => (value === "" ? when({ kind: "first", times: 1 }) : undefined),
  first: (value) => (isCount(value) ? when({ kind: "first", times: Number(value) }) : undefined),
  every: (value) => (isCount(value) ? when({ kind: "every", n: Number(value) }) : undefined),
  p: (value) => (/^(0?\.\d+|1)$/.test(value) ? when({ kind: "probability", p: Number(value) }) : undefined),
  errno: (value) => {
    if (isErrno(value)) return { errno: value };
    return /^\d{1,4}$/.test(value) && Number(value) >= 1 && Number(value) <= 4095
      ? { errno: errnoFromNumber(Number(value)) }
      : undefined;
  },
  delay: (value) => {
    const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(ns|us|ms|s)$/.exec(value) ?? [];
    return unit === "" ? undefined : { delayNs: Math.round(Number(number) * (NS[unit] ?? 0)) };
  },
  texts: (value) => (value === "" ? undefined : { texts: value.split(",") }),
};

function isCount(value: string): boolean {
  return /^[1-9]\d{0,8}$/.test(value);
}

function isErrno(word: string): word is Extract<Errno, string> {
  return (errnoNames as readonly string[]).includes(word);
}
