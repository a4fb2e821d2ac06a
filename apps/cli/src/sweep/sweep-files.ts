import { parseSweep, type Sweep, SweepError } from "@memhp/sweep";
import { ResultsFile } from "@memhp/sweep/node";
import { InputError } from "../errors.ts";
import type { Host } from "../host.ts";
import { fileLabel } from "../input/read-document.ts";
import { reason } from "../output/reason.ts";
import { studies } from "./studies.ts";

/** A sweep file, or a study that comes with memhp. @throws InputError */
export async function readSweepFile(file: string, host: Host): Promise<Sweep> {
  const study = /^[a-z0-9-]+$/.test(file) ? (await studies()).find(({ name }) => name === file) : undefined;
  if (study !== undefined) return study.sweep;
  const text = await host.readInput(file);
  try {
    return parseSweep(text, fileLabel(file));
  } catch (error) {
    if (error instanceof SweepError) throw new InputError(error.message, { cause: error });
    throw error;
  }
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
