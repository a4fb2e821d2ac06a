import { dirname, resolve } from "node:path";
import { fromOf, parseSweep, type Sweep, SweepError } from "@memhp/sweep";
import { ResultsFile } from "@memhp/sweep/node";
import { InputError, retold, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { fileLabel } from "../input/read-document.ts";
import { readFrom } from "../input/read-from.ts";
import { reason } from "../output/reason.ts";
import { studies } from "./studies.ts";

/**
 * A sweep file, or a study that comes with memhp.
 * @param from an image or a captured host with which its runs begin, instead of what the file itself names
 * @throws InputError
 */
export async function readSweepFile(file: string, from: string | undefined, host: Host): Promise<Sweep> {
  const study = /^[a-z0-9-]+$/.test(file) ? (await studies()).find(({ name }) => name === file) : undefined;
  if (study !== undefined) {
    if (from !== undefined) throw new UsageError("--from: a study has machines of its own");
    return study.sweep;
  }
  const text = await host.readInput(file);
  const named = fromOf(text);
  const source = from ?? (named === undefined ? undefined : resolve(dirname(file), named));
  const start = source === undefined ? undefined : await readFrom(source, {}, 0, host);
  for (const line of start?.head ?? []) host.stderr.write(`${line}\n`);
  return retold(() => parseSweep(text, fileLabel(file), start?.image), SweepError, InputError);
}

/** @throws InputError */
export function openResults(path: string, sweep: Sweep): ResultsFile {
  try {
    return new ResultsFile(path, sweep);
  } catch (error) {
    if (error instanceof SweepError) throw new InputError(error.message, { cause: error });
    throw new InputError(`${path}: cannot be written: ${reason(error)}`, { cause: error });
  }
}
