import type { InspectedActor } from "./inspected-actor.ts";

export interface BoundedJsonOptions {
  /** Deeper values are left out. */
  readonly depth?: number;
  /** Longer lists are cut. */
  readonly entries?: number;
  /** After this many values nothing more is written, however they are nested. */
  readonly values?: number;
  /** Whether functions are written, as `{ type: name }`; otherwise they are left out. */
  readonly functions?: boolean;
}

interface Writing {
  readonly depth: number;
  readonly entries: number;
  readonly functions: boolean;
  left: number;
}

/**
 * JSON of any value, in bounded time: a context may hold a whole simulation, refer to itself, or hold
 * what JSON has no words for. Never throws.
 */
export function boundedJson(value: unknown, options: BoundedJsonOptions = {}): string {
  const { depth = 8, entries = 100, values = 2000, functions = false } = options;
  try {
    return write(value, 0, { depth, entries, functions, left: values }) ?? "null";
  } catch (error) {
    return JSON.stringify(`unreadable: ${String(error)}`);
  }
}

/** undefined where JSON leaves a value out. */
function write(value: unknown, depth: number, writing: Writing): string | undefined {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Number.isFinite(value) ? String(value) : "null";
    case "boolean":
      return String(value);
    case "bigint":
      return `"${value}"`;
    case "function":
      return writing.functions ? `{"type":${JSON.stringify(value.name)}}` : undefined;
    case "object":
      return value === null ? "null" : writeObject(value, depth, writing);
    default:
      return undefined;
  }
}

function writeObject(value: object, depth: number, writing: Writing): string | undefined {
  if (--writing.left < 0 || depth > writing.depth) return '"…"';
  if (Array.isArray(value)) return writeList(value, value.length, depth, writing);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return writeRecord(value, depth, writing);
  if (ArrayBuffer.isView(value)) return JSON.stringify(`${value.constructor.name} of ${value.byteLength} bytes`);
  if (value instanceof Map || value instanceof Set) return writeList(value, value.size, depth, writing);
  if (value instanceof Error) return JSON.stringify({ name: value.name, message: value.message });
  if (isActor(value)) return `{"xstate$$type":1,"id":${JSON.stringify(value.id)}}`;
  if ("toJSON" in value && typeof value.toJSON === "function") return write(value.toJSON(), depth + 1, writing);
  return writeRecord(value, depth, writing);
}

function writeList(list: Iterable<unknown>, length: number, depth: number, writing: Writing): string {
  const written: string[] = [];
  for (const value of list) {
    if (written.length === writing.entries) break;
    written.push(write(value, depth + 1, writing) ?? "null");
  }
  if (written.length < length) written.push(`"… ${length - written.length} more"`);
  return `[${written.join(",")}]`;
}

function writeRecord(value: object, depth: number, writing: Writing): string {
  let written = "";
  let entries = 0;
  for (const key of Object.keys(value)) {
    if (entries === writing.entries) return `{${written},"…":"more"}`;
    const text = write((value as Record<string, unknown>)[key], depth + 1, writing);
    if (text === undefined) continue;
    written += `${entries++ === 0 ? "" : ","}${JSON.stringify(key)}:${text}`;
  }
  return `{${written}}`;
}

function isActor(value: object): value is InspectedActor {
  return "sessionId" in value && "getSnapshot" in value && typeof value.getSnapshot === "function";
}
