import type { LineFile } from "../host.ts";
import type { RunReader } from "./reader.ts";

/** Every event as one line of JSON. */
export function jsonLinesReader(file: LineFile): RunReader {
  return {
    boot: (event) => file.write(JSON.stringify(event)),
    event: (event) => file.write(JSON.stringify(event)),
    step: () => file.check(),
    close: () => file.close(),
  };
}
