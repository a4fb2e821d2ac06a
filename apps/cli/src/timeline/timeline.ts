import { formatNumberList, type SimEvent, zoneName } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import { DimmPlaces, finishedOutcome, memoryPlaces, operationOf, stepTitle, type TraceStep } from "@memhp/scenario";
import { entriesOf, type Memory } from "./entries.ts";
import type { Entry } from "./entry.ts";
import { wrap } from "../text/wrap.ts";
import { layEntry, type Layout } from "./layout.ts";
import { ZoneLedger } from "./zone-ledger.ts";

/** Whether a step came out as on the kernel that was recorded; undefined where nobody can say. */
export type Verdict = "same" | "different" | undefined;

/** What the timeline has to know of a machine before its first step. */
export interface TimelineStart {
  readonly blockSizeBytes: number;
  readonly pageSize: number;
  readonly zones: readonly {
    readonly node: number;
    readonly zone: string;
    readonly startPfn: number;
    readonly spannedPages: number;
    readonly presentPages: number;
  }[];
  readonly dimms: readonly { readonly id: string; readonly addr: number; readonly sizeBytes: number }[];
}

/** A machine as it is now. */
export function timelineStart(machine: Machine): TimelineStart {
  return {
    blockSizeBytes: machine.board.blockSizeBytes,
    pageSize: machine.pageSize,
    zones: [...machine.map.nodes.values()].flatMap(({ id, zones }) =>
      zones.map(({ index, startPfn, spannedPages, presentPages }) => ({
        node: id,
        zone: zoneName(index),
        startPfn,
        spannedPages,
        presentPages,
      })),
    ),
    dimms: [...memoryPlaces(machine)].map(([id, place]) => ({ id, ...place })),
  };
}

/** Events without the end of the load that the step itself ended: its title says that. */
function untitled({ step }: TraceStep, events: readonly SimEvent[]): readonly SimEvent[] {
  if (step.op !== "unload") return events;
  return events.filter((event) => event.type !== "load" || event.id !== step["id"]);
}

/** True for steps that look at much and change nothing. */
function onlyLooks({ step }: TraceStep): boolean {
  return operationOf(step.op).onlyLooks === true;
}

/** What ran in the background and ended in this step. */
function finishedEntries({ finished = [] }: TraceStep): Entry[] {
  return finished.map(({ name, result }) => {
    const { outcome, good } = finishedOutcome(result);
    return { subject: "background", text: `${name} has ended: ${outcome}`, tone: good ? "good" : "bad" };
  });
}

/**
 * A run told step by step: steps and their events in, lines out. Steps that only look are
 * told together at the end.
 */
export class Timeline {
  readonly #layout: Layout;
  readonly #memory: Memory;
  readonly #places: DimmPlaces;
  readonly #looked: Map<Verdict, { readonly numbers: number[]; readonly ops: Set<string> }> = new Map();

  constructor(start: TimelineStart, layout: Layout) {
    this.#layout = layout;
    const zones = new ZoneLedger(start.pageSize);
    this.#memory = { zones, explained: new Map(), step: 0 };
    this.#places = new DimmPlaces(start.blockSizeBytes);
    for (const { node, zone, ...numbers } of start.zones) zones.set(node, zone, numbers);
    for (const { id, addr, sizeBytes } of start.dimms) this.#places.set(id, addr, sizeBytes);
  }

  step(number: number, done: TraceStep, events: readonly SimEvent[], verdict?: Verdict): string[] {
    this.#places.learn(done);
    this.#memory.step = number;
    if (onlyLooks(done) && events.length === 0) {
      const looked = this.#looked.get(verdict) ?? { numbers: [], ops: new Set() };
      this.#looked.set(verdict, looked);
      looked.numbers.push(number);
      looked.ops.add(done.step.op);
      return [];
    }
    const { asked, outcome, good } = stepTitle(done, this.#places);
    const { paint } = this.#layout;
    return [
      ...this.#title(verdict, `step ${number}`, asked, outcome, (line) => paint(good ? "strong" : "bad", line)),
      ...[...entriesOf(untitled(done, events), this.#memory), ...finishedEntries(done)].flatMap((entry) =>
        layEntry(entry, this.#layout),
      ),
    ];
  }

  /** What is still to be told after the last step. */
  end(): string[] {
    const { paint } = this.#layout;
    const lines = [...this.#looked].flatMap(([verdict, { numbers, ops }]) => {
      const which = `step${numbers.length === 1 ? "" : "s"} ${formatNumberList(numbers)}`;
      return this.#title(verdict, which, [...ops].join(", "), "only looked", (line) => paint("faint", line));
    });
    this.#looked.clear();
    return lines;
  }

  #title(
    verdict: Verdict,
    which: string,
    asked: string,
    outcome: string,
    paintLine: (line: string) => string,
  ): string[] {
    const { paint, width } = this.#layout;
    const mark = verdict === undefined ? " " : verdict === "same" ? paint("good", "✓") : paint("bad", "≠");
    const left = which.length + 4;
    const together = `${asked}  →  ${outcome}`;
    // An outcome torn off its question by the end of the line is hard to find.
    const texts =
      left + together.length <= width
        ? [together]
        : [...wrap(asked, width - left, 4), ...wrap(`    →  ${outcome}`, width - left, 7)];
    const [first = "", ...rest] = texts;
    return [
      `${mark} ${paint("strong", which)}  ${paintLine(first)}`,
      ...rest.map((line) => `${" ".repeat(left)}${paintLine(line)}`),
    ];
  }
}
