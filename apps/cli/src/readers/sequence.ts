import { sequenceSvg } from "@memhp/diagram";
import { EventSequence } from "@memhp/scenario";
import type { LineFile } from "../host.ts";
import type { RunReader } from "./reader.ts";

/** The run as a sequence of messages, drawn; also of a run that failed on its way. */
export function sequenceReader(file: LineFile): RunReader {
  const sequence = new EventSequence();
  let isClosed = false;
  return {
    event: (event) => sequence.add(event),
    close() {
      if (isClosed) return;
      isClosed = true;
      for (const line of sequenceSvg(sequence.finish("Who spoke to whom")).trimEnd().split("\n")) file.write(line);
      file.close();
    },
  };
}
