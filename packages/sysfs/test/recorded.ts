import { readFileSync } from "node:fs";
import type { Errno } from "@memhp/abi";

/** A write(2) as a trace has it; `pad` repeats one character after `data`. */
export interface RecordedWrite {
  readonly write: string;
  readonly data: string;
  readonly pad?: readonly [string, number];
  /** open_errno, ret, errno. */
  readonly answer: readonly [Errno | 0, number, Errno | 0];
  readonly uevents?: readonly (string | Readonly<Record<string, string>>)[];
  readonly log?: readonly string[];
}

export interface RecordedRead {
  readonly read: string;
  readonly errno: Errno | 0;
  /** Octal. */
  readonly mode: string;
  readonly data: string;
}

export interface RecordedWrites {
  readonly kernel: string;
  readonly traces: Readonly<Record<string, readonly (RecordedWrite | RecordedRead)[]>>;
}

/** A `tree` step: a directory is [mode], a link [target], a file [0 or -1, mode, contents]. */
export interface RecordedTree {
  readonly depth: number;
  readonly result: Readonly<Record<string, readonly [string] | readonly [number, string, string]>>;
}

/** Extracts of kernel traces, made by copying; what each was cut from is in its keys. */
export function recorded(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`data/${name}.json`, import.meta.url), "utf8")) as unknown;
}

export function dataOf({ data, pad }: RecordedWrite): string {
  return pad === undefined ? data : data + pad[0].repeat(pad[1]);
}
