import { SweepError } from "./sweep-error.ts";
import type { SweepDocument } from "./sweep-schema.ts";
import { readSweep, STAND_INS, type Sweep } from "./sweep.ts";
import type { RunResult } from "./sweep-runner.ts";

/** `format` of the first line of a results file. */
export const RESULTS_FORMAT = "memhp-sweep-results/1";

/** First line of a file of results: the whole sweep, so that the file can be read, and gone on with, by itself. */
export function headerLine(sweep: Sweep): string {
  const { runs, document, image } = sweep;
  const from = image === undefined ? {} : { image: fingerprint(JSON.stringify(image)) };
  return JSON.stringify({ format: RESULTS_FORMAT, runs, sweep: document, ...from });
}

/** FNV-1a, so that another image is noticed. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}

/** One run as a line of a results file, without its newline. */
export function resultLine(result: RunResult): string {
  return JSON.stringify(result);
}

/** What a file of results holds. */
export interface StoredResults {
  readonly results: readonly RunResult[];
  /** How much of the text stands; what follows is the half of a line that was never written to its end. */
  readonly wholeCharacters: number;
}

/**
 * Reads a file of results of this sweep, as far as it was written.
 * @throws SweepError for a file of something else.
 */
export function readResults(text: string, sweep: Sweep, source: string): StoredResults {
  const wholeCharacters = text.lastIndexOf("\n") + 1;
  const header = headerLine(sweep);
  if (wholeCharacters === 0) {
    // Not even the first line was written to its end.
    if (header.startsWith(text)) return { results: [], wholeCharacters: 0 };
    throw new SweepError(`${source}: is no file of results of this sweep`);
  }
  const [first, ...lines] = text.slice(0, wholeCharacters - 1).split("\n");
  if (first !== header)
    throw new SweepError(
      `${source}: has results of another sweep, or of this one as it was before a change; name another file`,
    );
  return { results: lines.map((line, i) => readResult(line, i, sweep, source)), wholeCharacters };
}

function readResult(line: string, i: number, sweep: Sweep, source: string): RunResult {
  let result: RunResult | undefined;
  try {
    result = JSON.parse(line) as RunResult;
  } catch {
    /* told below */
  }
  if (result?.run !== i || i >= sweep.runs)
    throw new SweepError(`${source}: line ${i + 2}: expected the result of run ${i} (of ${sweep.runs})`);
  return result;
}

/**
 * Reads a file of results by itself, as far as it was written: its first line holds the sweep.
 * @param source name of the file, for messages.
 * @throws SweepError for anything else
 */
export function readStoredSweep(
  text: string,
  source: string,
): { readonly sweep: Sweep; readonly results: readonly RunResult[] } {
  const end = text.indexOf("\n");
  const sweep = sweepOfHeader(end === -1 ? text : text.slice(0, end), source);
  const lines = text
    .slice(end + 1, text.lastIndexOf("\n") + 1)
    .split("\n")
    .slice(0, -1);
  return { sweep, results: lines.map((line, i) => readResult(line, i, sweep, source)) };
}

function sweepOfHeader(line: string, source: string): Sweep {
  let header: { readonly format?: unknown; readonly sweep?: SweepDocument } | undefined;
  try {
    header = JSON.parse(line) as typeof header;
  } catch {
    /* told below */
  }
  if (header?.format !== RESULTS_FORMAT || header.sweep === undefined)
    throw new SweepError(`${source}: is no file of results, such as memhp sweep --out writes`);
  const { from, ...document } = header.sweep;
  if (from === undefined) return readSweep(document, source);
  // What `from` names is not needed to read what came of it.
  return readSweep({ ...document, scenario: { ...STAND_INS, ...document.scenario } }, source);
}
