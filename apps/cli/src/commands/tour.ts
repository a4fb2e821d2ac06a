import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatNumberList, formatSize, type SimEvent } from "@memhp/abi";
import { kernelOf } from "@memhp/kernels";
import type { Machine } from "@memhp/machine";
import { compareWithKernel } from "@memhp/recorded";
import { parseDocument, type RunDocument, type RunOutcome, type TraceStep } from "@memhp/scenario";
import type { Command } from "../command.ts";
import { execute } from "../execute.ts";
import { ExitCode } from "../exit-code.ts";
import type { Host } from "../host.ts";
import type { RunReader } from "../readers/reader.ts";
import { stepVerdicts } from "../replay.ts";
import { wrap } from "../text/wrap.ts";
import type { Layout } from "../timeline/layout.ts";
import { terminalLayout } from "../timeline/terminal-layout.ts";
import { Timeline, type TimelineStart, timelineStart } from "../timeline/timeline.ts";

interface Stop {
  readonly file: string;
  readonly about: string;
}

/** What the tour visits: recorded runs that are published with the package. */
const stops: readonly Stop[] = [
  {
    file: "order-mv-middle-first.json",
    about:
      "A DIMM arrives. Linux 4.1 gives all of it to ZONE_NORMAL, and only a block at the end of that zone may " +
      "become movable: somebody begins in the middle.",
  },
  {
    file: "h_inject_lastnode.json",
    about:
      "A DIMM brings the first memory of node 1. A callback of the memory notifier chain is told to fail, " +
      "so it vetoes what the others were already told about.",
  },
];

export const tour: Command = {
  spec: {
    name: "tour",
    about: "Runs two recorded runs of real kernels again, tells what happens, and compares with the kernel.",
    options: {},
    notes: ["Exit codes: 0 every step as the real kernel, 1 some differ."],
  },
  async run(_args, host) {
    const layout = terminalLayout(host.stdout, host.env);
    host.stdout.write(`${intro(layout).join("\n")}\n\n`);
    let matches = true;
    for (const [i, { file, about }] of stops.entries()) {
      const path = fileURLToPath(new URL(`../../examples/${file}`, import.meta.url));
      const document = parseDocument(readFileSync(path, "utf8"), path);
      const seen = await watch(document, path, host);
      const { total, matched } = compareWithKernel(document, seen.outcome.trace);
      matches &&= matched === total;
      const lines = [
        ...heading(i + 1, document, about, seen.start, layout),
        ...story(document, seen, layout),
        verdictLine(matched, total, layout),
      ];
      host.stdout.write(`${lines.join("\n")}\n\n`);
    }
    host.stdout.write(`${outro.join("\n")}\n`);
    return matches ? ExitCode.done : ExitCode.failed;
  },
};

/** A run with everything that its timeline needs. */
interface Seen {
  readonly outcome: RunOutcome;
  readonly start: TimelineStart & { readonly nodes: readonly number[] };
  readonly steps: readonly { readonly done: TraceStep; readonly events: readonly SimEvent[] }[];
}

async function watch(document: RunDocument, file: string, host: Host): Promise<Seen> {
  const steps: { readonly done: TraceStep; readonly events: readonly SimEvent[] }[] = [];
  let events: SimEvent[] = [];
  let start: Seen["start"] | undefined;
  const reader: RunReader = {
    machine: (machine: Machine) => {
      start = { ...timelineStart(machine), nodes: machine.board.possibleNodes };
    },
    event: (event) => events.push(event),
    step: (done) => {
      steps.push({ done, events });
      events = [];
    },
  };
  const outcome = await execute({ document, file, options: {}, readers: [reader] }, host);
  if (start === undefined) throw new Error("memhp bug: a run without a machine");
  return { outcome, start, steps };
}

function story(document: RunDocument, { outcome, start, steps }: Seen, layout: Layout): string[] {
  const timeline = new Timeline(start, layout);
  const verdicts = stepVerdicts(document, outcome);
  const lines = steps.flatMap(({ done, events }, i) => timeline.step(i, done, events, verdicts[i]));
  return [...lines, ...timeline.end()];
}

function intro({ width, paint }: Layout): string[] {
  const text =
    "Two runs that were recorded on real Linux kernels, carried out again by memhp. Each step shows what was asked, how it ended, " +
    "and below it what happened in simulated time: what firmware says, the states that a memory block goes through, what the " +
    "callbacks of the notifier chain (MEM_…) answer, how zones change, uevents, and why the kernel refuses. " +
    "✓ marks a step that came out exactly as on the real kernel, ≠ one that did not.";
  return [paint("strong", "memhp: a laboratory for Linux memory hotplug"), "", ...wrap(text, width, 0)];
}

function heading(
  number: number,
  { name, kernel, machine }: RunDocument,
  about: string,
  start: Seen["start"],
  { width, paint }: Layout,
): string[] {
  const board = [
    `${formatSize(machine.memoryBytes)} of memory at boot`,
    start.nodes.length === 1 ? "1 node" : `nodes ${formatNumberList(start.nodes)}`,
    `blocks of ${formatSize(start.blockSizeBytes)}`,
    `${machine.slots} DIMM slots`,
  ].join(", ");
  return [
    ...wrap(`${number}. ${kernelOf(kernel).about}: ${name}`, width, 3).map((line) => paint("strong", line)),
    ...wrap(about, width - 3, 0).map((line) => `   ${line}`),
    ...wrap(`The machine: ${board}.`, width - 3, 0).map((line) => `   ${paint("faint", line)}`),
    "",
  ];
}

function verdictLine(matched: number, total: number, { paint }: Layout): string {
  return paint(matched === total ? "good" : "bad", `  ${matched} of ${total} steps as the real kernel`);
}

const outro = [
  "Next:  memhp run FILE       your own scenario, told like this",
  "       memhp replay FILE…   more recorded runs, compared with their kernels",
  "       memhp --help         everything else",
];
