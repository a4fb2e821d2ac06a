import { type Errno, errnoText } from "@memhp/abi";
import type { StepOutcome } from "./operation.ts";

type Json = Readonly<Record<string, unknown>>;

const MAX_SHOWN = 60;

/** Data of a write as a shell would take it: quoted where it is more than a word, cut where it is long. */
export function oneLine(data: string): string {
  const shown = data.length > MAX_SHOWN ? `${data.slice(0, MAX_SHOWN)}… (${data.length} bytes)` : data;
  return /^[\w./:+-]+$/.test(shown) ? shown : JSON.stringify(shown);
}

export function failed(errno: Errno): StepOutcome {
  return { outcome: `${errno} (${errnoText(errno)})`, good: false };
}

/** What a write came to; also of one that ran in the background. */
export function written(result: Json, data?: string): StepOutcome {
  const errno = (result["open_errno"] === 0 ? result["errno"] : result["open_errno"]) as Errno | 0;
  if (errno !== 0) return failed(errno);
  const taken = Number(result["ret"]);
  if (result["timed_out_signal"] === true) return { outcome: "no answer in this time", good: false };
  return {
    outcome: data !== undefined && taken < data.length ? `ok, ${taken} of ${data.length} bytes taken` : "ok",
    good: true,
  };
}

export function pages(count: number): string {
  return `${count} page${count === 1 ? "" : "s"}`;
}
