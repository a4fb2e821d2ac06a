import { MIB } from "@memhp/abi";
import { parse as parseYaml } from "yaml";
import { shown } from "./fault.ts";

/** Longest document as JSON, in characters; recorded runs have up to a few million. */
const MAX_JSON: number = 64 * MIB;
/** Longest document as YAML, whose reader takes a second for each million. */
const MAX_YAML: number = 2 * MIB;
/** Deepest nesting of lists and objects. */
const MAX_NESTING = 64;
/** Most values of a document. */
const MAX_VALUES = 4_000_000;

/** A text that cannot be read as a document: why. */
export class TextError extends Error {
  override readonly name = "TextError";
}

/**
 * Reads JSON or YAML into plain values that are not nested deeper than any document needs.
 * @throws TextError
 */
export function readText(raw: string): unknown {
  const text = raw.startsWith("\uFEFF") ? raw.slice(1) : raw;
  const isJson = /^\s*\{/.test(text);
  const limit = isJson ? MAX_JSON : MAX_YAML;
  if (text.length > limit)
    throw new TextError(
      `${text.length} characters are too many (allowed: ${limit} of ${isJson ? "JSON" : "YAML, and more of JSON"})`,
    );
  if (isJson) checkJson(text);
  else checkYamlNesting(text);
  const value = parse(text, isJson);
  checkNesting(value);
  return value;
}

function parse(text: string, isJson: boolean): unknown {
  try {
    return isJson ? JSON.parse(text) : parseYaml(text, { maxAliasCount: 100, logLevel: "error" });
  } catch (error) {
    const [line = ""] = (error as Error).message.split("\n");
    throw new TextError(`not readable as JSON or YAML: ${line.slice(0, 200).replace(/:$/, "")}`);
  }
}

const tooDeep = `nested more than ${MAX_NESTING} deep`;

/** What JSON.parse lets pass: a key that stands twice in one object, of which the last would count; and any nesting. */
function checkJson(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let key: string | undefined;
  for (const { 0: token } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}:]/gs)) {
    if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : undefined);
      if (open.length > MAX_NESTING) throw new TextError(tooDeep);
    } else if (token === "}" || token === "]") open.pop();
    else if (token === ":") {
      const keys = open.at(-1);
      if (keys === undefined || key === undefined) continue;
      if (keys.has(key)) throw new TextError(`the key ${shown(unquoted(key))} stands twice in one object`);
      keys.add(key);
    } else key = token;
  }
}

function unquoted(token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch {
    return token;
  }
}

/** Brackets that open and are not closed: the reader of YAML would run out of stack. Quotes and comments hide none that matter. */
function checkYamlNesting(text: string): void {
  let depth = 0;
  for (const { 0: token } of text.matchAll(/[[\]{}]|(?<=\n)(?: *- ?){64,}/g)) {
    if (token.length > 1) throw new TextError(tooDeep);
    depth = Math.max(0, depth + (token === "[" || token === "{" ? 1 : -1));
    if (depth > MAX_NESTING * 16) throw new TextError(tooDeep);
  }
}

/** Also a YAML document that contains itself is too deep. */
function checkNesting(root: unknown): void {
  let values = 0;
  let level: readonly object[] = isNested(root) ? [root] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_NESTING) throw new TextError(`${tooDeep}, or contains itself`);
    const next: object[] = [];
    for (const container of level) {
      for (const value of Object.values(container)) {
        if (++values > MAX_VALUES) throw new TextError(`more than ${MAX_VALUES} values`);
        if (isNested(value)) next.push(value);
      }
    }
    level = next;
  }
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
