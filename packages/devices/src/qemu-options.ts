import type { IgnoredWord } from "./ignored-word.ts";
import { fail } from "./spec-fields.ts";

/** One option of QEMU's command line with its value, as `-device` and `pc-dimm,id=d0`. */
export interface QemuOption {
  /** Its place among the options. */
  readonly at: number;
  /** The word that stands for it, for messages. */
  readonly where: string;
  /** With one dash; empty for a value that no option stands before. */
  readonly name: string;
  readonly value: string | undefined;
}

/**
 * Reads `machine.extra`. A word that begins with a dash is an option, and the word after it its value unless that begins with one too.
 * @throws SpecError
 */
export function readQemuOptions(raw: unknown): QemuOption[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw) || raw.some((word) => typeof word !== "string"))
    fail("machine.extra", "expected a list of QEMU arguments");
  const words = raw as string[];
  const options: QemuOption[] = [];
  for (let i = 0; i < words.length; i++) {
    const at = options.length;
    const word = words[i] as string;
    const next = words[i + 1];
    if (!isOption(word)) options.push({ at, where: `machine.extra[${i}]`, name: "", value: word });
    else {
      const value = next === undefined || isOption(next) ? undefined : next;
      if (value !== undefined) i++;
      options.push({ at, where: `machine.extra[${i}]`, name: word.replace(/^--/, "-"), value });
    }
  }
  return options;
}

function isOption(word: string): boolean {
  return word.startsWith("-") && word.length > 1;
}

/** What the value of an `-object` or a `-device` says. */
interface QemuFields {
  readonly type: string;
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * `memory-backend-ram,id=m0,size=1G`: its first word, and the others by name. Two commas are one of the value. An object of JSON with
 * `driver` or `qom-type` says the same (libvirt writes so).
 */
export function qemuFields(value: string): QemuFields {
  return value.startsWith("{") ? (jsonFields(value) ?? { type: value, fields: new Map() }) : wordFields(value);
}

/** Undefined for what is no object of JSON. */
function jsonFields(value: string): QemuFields | undefined {
  let read: Readonly<Record<string, unknown>>;
  try {
    read = JSON.parse(value) as typeof read;
  } catch {
    return undefined;
  }
  const { driver, "qom-type": qomType, ...fields } = read;
  const shown = (each: unknown): string => (typeof each === "string" ? each : JSON.stringify(each));
  const words = Object.entries(fields).map(([name, each]): [string, string] =>
    typeof each === "boolean" ? [name, each ? "on" : "off"] : [name, shown(each)],
  );
  return { type: shown(driver ?? qomType ?? ""), fields: new Map(words) };
}

function wordFields(value: string): QemuFields {
  const [type = "", ...pairs] = value.replaceAll(",,", "\0").split(",");
  const fields = pairs.map((pair): [string, string] => {
    const [name = "", text = "on"] = pair.includes("=")
      ? [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]
      : [pair];
    return [name, text.replaceAll("\0", ",")];
  });
  return { type: type.replaceAll("\0", ","), fields: new Map(fields) };
}

/** One `-device` of the command line, its value read. */
export interface QemuDevice extends QemuFields {
  readonly option: QemuOption;
}

/** Every `-device`, in the order of the command line. */
export function qemuDevices(options: readonly QemuOption[]): QemuDevice[] {
  return options.flatMap((option) =>
    option.name === "-device" && option.value !== undefined ? [{ option, ...qemuFields(option.value) }] : [],
  );
}

/** Properties of a device or a backend that nothing is made of. */
export function ignoredFields(
  { where }: QemuOption,
  fields: ReadonlyMap<string, string>,
  known: ReadonlySet<string>,
  why: string | ((name: string) => string),
): IgnoredWord[] {
  return [...fields].flatMap(([name, text]) =>
    known.has(name) ? [] : [{ where, word: `${name}=${text}`, why: typeof why === "string" ? why : why(name) }],
  );
}
