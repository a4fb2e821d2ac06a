import { PerfettoTrace } from "@memhp/scenario";
import type { LineFile } from "../host.ts";
import type { RunReader } from "./reader.ts";

/** A trace for Perfetto's UI, an event in each line; also of a run that failed on its way. */
export function perfettoReader(file: LineFile): RunReader {
  const trace = new PerfettoTrace();
  let isClosed = false;
  return {
    event: (event) => trace.add(event),
    close() {
      if (isClosed) return;
      isClosed = true;
      const { traceEvents, ...rest } = trace.finish();
      file.write(`${JSON.stringify(rest).slice(0, -1)},"traceEvents":[`);
      for (const [i, event] of traceEvents.entries())
        file.write(`${JSON.stringify(event)}${i + 1 === traceEvents.length ? "" : ","}`);
      file.write("]}");
      file.close();
    },
  };
}
