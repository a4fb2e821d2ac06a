import { get, set } from "idb-keyval";
import type { StepRequest } from "@memhp/scenario";
import type { BootForm } from "../session/boot-form.ts";
import type { Origin } from "../session/session.ts";
import type { Checkpoint } from "./history.ts";
import type { HostReport } from "./machine-file.ts";

// The browser's own database: a machine outlives the page that it ran in. Where the browser keeps nothing for this page
// (private windows, storage closed), nothing is kept, and that is no error.

const KEY = "memhp-machine";
const FORMAT = 3;

export interface KeptDocument {
  readonly text: string;
  readonly source: string;
  readonly step: number;
}

/** A machine as the page left it. */
export interface Kept {
  readonly format: typeof FORMAT;
  readonly checkpoint: Checkpoint;
  readonly form: BootForm;
  readonly document: KeptDocument | undefined;
  /** As a scenario: what it began as, and what was done. */
  readonly origin: Origin;
  readonly steps: readonly StepRequest[];
  /** Of a machine that was captured somewhere. */
  readonly report: HostReport | undefined;
}

export async function keep(kept: Omit<Kept, "format">): Promise<void> {
  await tried(() => set(KEY, { format: FORMAT, ...kept }));
}

export async function kept(): Promise<Kept | undefined> {
  const found = await tried(() => get<Partial<Kept>>(KEY));
  return found?.format === FORMAT ? (found as Kept) : undefined;
}

async function tried<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}
