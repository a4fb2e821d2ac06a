import type { SimEvent } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import type { Output } from "../host.ts";
import { headEntries } from "../timeline/head.ts";
import { layEntry, type Layout } from "../timeline/layout.ts";
import { Timeline, timelineStart } from "../timeline/timeline.ts";
import type { RunReader } from "./reader.ts";

/** Prints the timeline while the run goes on. */
export function timelineReader(output: Output, layout: Layout, ignored: Machine["ignored"] = []): RunReader {
  let timeline: Timeline | undefined;
  let events: SimEvent[] = [];
  const print = (lines: readonly string[] = []): void => {
    if (lines.length > 0) output.write(`${lines.join("\n")}\n`);
  };
  return {
    machine: (machine) => {
      timeline = new Timeline(timelineStart(machine), layout);
      print(headEntries(machine, ignored).flatMap((entry) => layEntry(entry, layout)));
    },
    event: (event) => events.push(event),
    step: (done, number) => {
      print(timeline?.step(number, done, events));
      events = [];
    },
    end: () => print(timeline?.end()),
  };
}
