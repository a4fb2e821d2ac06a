import type { Machine } from "@memhp/machine";
import type { RunDocument, TraceStep } from "@memhp/scenario";
import { configOf, TRACE_FORMAT, traceNotes, TraceWriter } from "@memhp/scenario";
import type { Output } from "../host.ts";
import type { RunReader } from "./reader.ts";

/**
 * The trace as one document of JSON, each step when it stands: while the next one runs, nothing of it is held. A run that ends with
 * its first step prints nothing.
 */
export function traceJsonReader(
  output: Output,
  document: RunDocument,
  seed: number | undefined,
  ignored: Machine["ignored"] = [],
): RunReader {
  const writer = new TraceWriter((bytes) => output.writeBytes(bytes));
  let kernel = document.kernel;
  let config: ReturnType<typeof configOf> = {};
  let notes: ReturnType<typeof traceNotes> = {};
  let hasBegun = false;
  let last: TraceStep | undefined;
  const begin = (): void => {
    if (hasBegun) return;
    hasBegun = true;
    const { name, rawMachine: machine } = document;
    writer.begin({ format: TRACE_FORMAT, name, kernel, ...config, machine, seed: seed ?? document.seed, ...notes });
  };
  return {
    machine(booted) {
      kernel = booted.kernel.id;
      config = configOf(booted);
      notes = traceNotes(booted, ignored);
    },
    step(done) {
      last = done;
    },
    stands() {
      if (last === undefined) return;
      begin();
      writer.step(last);
      last = undefined;
    },
    end({ trace }) {
      begin();
      writer.end(trace);
    },
    close: () => writer.abandon(),
  };
}
