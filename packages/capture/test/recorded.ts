import { readdirSync, readFileSync } from "node:fs";
import { chooseRules, type Host, type HostMemory, type HostRules, readHost, surveyHost } from "../src/index.ts";
import { readCapture } from "../src/node/index.ts";

const folder = new URL("captures/", import.meta.url);

/** What a recorded kernel did with a block: `0`, or an errno, with the page that its log names and that page's kind. */
export interface Outcome {
  readonly errno: string;
  readonly pfn?: number;
  readonly kind?: string;
}

/** Truths of one recorded host: each block tried alone from the captured state, and one pass over all in order. */
export type Truth = Readonly<Record<"isolated" | "blocks", Readonly<Record<string, string>>>>;

const truths = JSON.parse(readFileSync(new URL("outcomes.json", folder), "utf8")) as Readonly<Record<string, Truth>>;

export const recordedNames: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith(".tar.gz"))
  .map((file) => file.slice(0, -".tar.gz".length));

function recordedFile(name: string): string {
  return new URL(`${name}.tar.gz`, folder).pathname;
}

export function truthOf(name: string): Truth {
  return truths[name] ?? { isolated: {}, blocks: {} };
}

export function outcome(text: string): Outcome {
  const [errno, pfn, kind] = text.split(" ") as [string, string?, string?];
  return { errno, ...(pfn === undefined || kind === undefined ? {} : { pfn: Number.parseInt(pfn, 16), kind }) };
}

export interface RecordedHost {
  readonly host: Host;
  readonly memory: HostMemory;
  readonly rules: HostRules;
}

export async function recordedHost(name: string): Promise<RecordedHost> {
  const host = readHost(await readCapture(recordedFile(name)));
  return { host, memory: surveyHost(host), rules: chooseRules(host).rules };
}
