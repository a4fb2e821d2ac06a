import { readdirSync, readFileSync } from "node:fs";
import { parseDocument, type RunDocument } from "@memhp/scenario";

const root = new URL("../kernel-traces/", import.meta.url);

/** A recorded run in this folder: `6.1/h_inject`. */
export type TraceId = string;

/** All recorded runs, sorted. */
export function traceIds(): TraceId[] {
  return readdirSync(root)
    .filter((kernel) => !kernel.endsWith(".md"))
    .flatMap((kernel) =>
      readdirSync(new URL(`${kernel}/`, root)).map((file) => `${kernel}/${file.replace(/\.json$/, "")}`),
    )
    .sort();
}

export function traceText(id: TraceId): string {
  return readFileSync(new URL(`${id}.json`, root), "utf8");
}

export function readTrace(id: TraceId): RunDocument {
  return parseDocument(traceText(id), id);
}

/** Runs whose name begins with one of the words, of kernels whose id begins with `kernel`. */
export function tracesNamed(kernel: string, words: readonly string[]): TraceId[] {
  return traceIds().filter((id) => {
    const [version = "", name = ""] = id.split("/");
    return version.startsWith(kernel) && words.some((word) => name.startsWith(word));
  });
}
