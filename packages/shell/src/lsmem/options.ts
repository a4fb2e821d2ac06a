import { type GivenOptions, type ToolOption, WrongUsage } from "../options/read-words.ts";
import { lsmemColumns, parseColumns, parseSplit, UnknownColumn } from "./columns.ts";
import type { LsmemOptions } from "./lsmem.ts";

/** The options of lsmem(1), util-linux 2.38.1. */
export const lsmemFlags: Readonly<Record<string, ToolOption>> = {
  json: { short: "J", about: "Print one JSON document" },
  pairs: { short: "P", about: 'Print KEY="value"' },
  all: { short: "a", about: "Show each memory block on its own" },
  bytes: { short: "b", about: "Print SIZE in bytes" },
  noheadings: { short: "n", about: "Print no headings" },
  output: { short: "o", value: "LIST", about: "Columns to show; +LIST adds to the default ones" },
  "output-all": { about: "Show all columns" },
  raw: { short: "r", about: "Print cells without aligning them" },
  split: { short: "S", value: "LIST", about: "Split ranges by these columns, or none" },
  summary: { value: "WHEN", implied: "only", about: "Print sums: never, always or only" },
};

const summaries = ["never", "always", "only"] as const;

/** What was asked of lsmem(1). @throws WrongUsage */
export function lsmemOptions(args: GivenOptions): LsmemOptions {
  exclude(args, ["json", "pairs", "raw"]);
  exclude(args, ["all", "split"]);
  const summary = args.text("summary");
  if (summary !== undefined && !(summaries as readonly string[]).includes(summary)) {
    throw new WrongUsage(`--summary: ${JSON.stringify(summary)} is not known (allowed: ${summaries.join(", ")})`);
  }
  const split = args.text("split");
  const output = args.flag("output-all") ? lsmemColumns.join(",") : args.text("output");
  const format = args.flag("json") ? "json" : args.flag("pairs") ? "pairs" : args.flag("raw") ? "raw" : "table";
  return {
    format,
    all: args.flag("all"),
    bytes: args.flag("bytes"),
    noHeadings: args.flag("noheadings"),
    ...(output === undefined ? {} : { columns: columnsOf("output", output, parseColumns) }),
    ...(split === undefined ? {} : { split: columnsOf("split", split, parseSplit) }),
    ...(summary === undefined ? {} : { summary: summary as (typeof summaries)[number] }),
  };
}

function exclude(args: GivenOptions, names: readonly string[]): void {
  const given = names.filter((name) => args.flag(name)).map((name) => `--${name}`);
  if (given.length > 1) throw new WrongUsage(`${given.join(" and ")} exclude each other`);
}

function columnsOf<T>(option: string, list: string, parse: (list: string) => T): T {
  try {
    return parse(list);
  } catch (error) {
    if (error instanceof UnknownColumn) throw new WrongUsage(`--${option}: ${error.message}`);
    throw error;
  }
}
