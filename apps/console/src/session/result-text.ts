import type { TraceStep } from "@memhp/scenario";

/** Characters of a result that are shown; more of it is in the saved run. */
const MOST = 20_000;

/** What a step answered, for who wants to read all of it; undefined where its words say it. */
export function detailsOf({ result }: TraceStep): string | undefined {
  if (typeof result !== "object" || result === null || Object.keys(result).length === 0) return undefined;
  const { data } = result as { readonly data?: unknown };
  const text = typeof data === "string" ? data.trimEnd() : JSON.stringify(result, undefined, 1);
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
