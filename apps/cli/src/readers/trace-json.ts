import type { RunDocument } from "@memhp/scenario";
import { TRACE_FORMAT, TraceWriter } from "@memhp/scenario";
import type { Output } from "../host.ts";
import type { RunReader } from "./reader.ts";

/** The trace as one document of JSON, each step as it ends. */
export function traceJsonReader(output: Output, document: RunDocument, seed: number | undefined): RunReader {
  const writer = new TraceWriter((text) => output.write(text));
  let kernel = document.kernel;
  let hasBegun = false;
  const begin = (): void => {
    if (hasBegun) return;
    hasBegun = true;
    const { name, rawMachine: machine } = document;
    writer.begin({ format: TRACE_FORMAT, name, kernel, machine, seed: seed ?? document.seed });
  };
  return {
    machine(booted) {
      kernel = booted.kernel.id;
    },
    step(done) {
      begin();
      writer.step(done);
    },
    end({ trace }) {
      begin();
      writer.end(trace);
    },
    close: () => writer.abandon(),
  };
}
