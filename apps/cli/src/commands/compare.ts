import { formatNumberList } from "@memhp/abi";
import { memoryPlaces, type Trace } from "@memhp/scenario";
import { commonOptions } from "../arguments/command-spec.ts";
import type { Command } from "../command.ts";
import { compareKernels, type KernelComparison, type StepComparison } from "../compare-kernels.ts";
import { UsageError } from "../errors.ts";
import { execute, executeOptions } from "../execute.ts";
import { ExitCode } from "../exit-code.ts";
import { fileLabel, readDocumentFile } from "../input/read-document.ts";
import { progressLine, progressReader } from "../readers/progress.ts";
import type { RunReader } from "../readers/reader.ts";
import { wrap } from "../text/wrap.ts";
import type { Layout } from "../timeline/layout.ts";
import { ignoredLines } from "../timeline/head.ts";
import { DimmPlaces } from "../timeline/references.ts";
import { stepTitle } from "../timeline/step-title.ts";
import { terminalLayout } from "../timeline/terminal-layout.ts";
import { ueventTexts } from "../timeline/uevents.ts";
import { kernels } from "@memhp/kernels";

const { json, config, workers, seed } = commonOptions;

export const compare: Command = {
  spec: {
    name: "compare",
    about: "Runs one scenario under several kernels and shows side by side what they do differently.",
    operands: { name: "FILE", min: 1, max: 1 },
    options: {
      kernel: {
        value: "VERSION",
        multiple: true,
        about: `A kernel; twice or more: ${kernels.map(({ id }) => id).join(", ")}`,
      },
      json,
      config,
      workers,
      seed,
    },
    notes: ["Exit codes: 0 all kernels ran the scenario, alike or not, 1 a run failed, 2 wrong usage or bad input."],
  },
  async run(args, host) {
    const kernels = [...new Set(args.kernels())];
    if (kernels.length < 2) throw new UsageError("expected two kernels or more: --kernel 4.1 --kernel 6.12");
    const { kernel: _last, ...options } = executeOptions(args);
    const [file = "-"] = args.operands;
    const document = await readDocumentFile(file, host);
    const progress = progressLine(host.stderr);
    const traces: Trace[] = [];
    let places: DimmPlaces | undefined;
    const placesReader: RunReader = {
      machine: (machine) => {
        places ??= new DimmPlaces(machine.board.blockSizeBytes);
        for (const [id, { addr, sizeBytes }] of memoryPlaces(machine)) places.set(id, addr, sizeBytes);
      },
      step: (done) => places?.learn(done),
    };
    for (const kernel of kernels) {
      const readers = [placesReader, progressReader(progress, `Linux ${kernel}`)];
      const label = `${fileLabel(file)} (kernel ${kernel})`;
      traces.push((await execute({ document, file: label, options: { ...options, kernel }, readers }, host)).trace);
    }
    const comparison = compareKernels(traces);
    for (const [kernel, words] of Object.entries(comparison.ignored ?? {}))
      host.stderr.write(ignoredLines(words, `${kernel}: `));
    const layout = terminalLayout(host.stdout, host.env);
    host.stdout.write(
      args.flag("json")
        ? `${JSON.stringify(comparison, undefined, 2)}\n`
        : comparisonText(comparison, traces, places ?? new DimmPlaces(1), layout),
    );
    return ExitCode.done;
  },
};

const LABEL_WIDTH = 28;
const MAX_DIFFERENCES = 12;
const MAX_CELL_LINES = 4;
/** Fields of a result that the outcome in words tells too. */
const saidByOutcome: ReadonlySet<string> = new Set(["errno", "ret", "onlined", "offlined"]);

/** The steps, each with what differs in a column for each kernel. */
export function comparisonText(
  comparison: KernelComparison,
  traces: readonly Trace[],
  places: DimmPlaces,
  layout: Layout,
): string {
  const { name, kernels, steps, same, total } = comparison;
  const lines = [
    ...wrap(`${name}: what ${kernels.join(" and ")} do differently`, layout.width, 2).map((line) =>
      layout.paint("strong", line),
    ),
    "",
    ...steps.flatMap((step) => stepLines(step, kernels, traces, places, layout)),
    "",
    `${same} of ${total} steps alike under ${kernels.join(", ")}`,
  ];
  return `${lines.join("\n")}\n`;
}

function stepLines(
  { step, same, differences }: StepComparison,
  kernels: readonly string[],
  traces: readonly Trace[],
  places: DimmPlaces,
  layout: Layout,
): string[] {
  const { paint, width } = layout;
  const titles = traces.flatMap(({ steps }) => {
    const done = steps[step];
    return done === undefined ? [] : [stepTitle(done, places)];
  });
  const outcomes = titles.map(({ outcome }) => outcome);
  const alike = outcomes.every((outcome) => outcome === outcomes[0]);
  const head = `step ${step}  ${titles[0]?.asked ?? ""}${alike ? `  →  ${outcomes[0]}` : ""}`;
  const [first = "", ...rest] = wrap(head, width - 2, 8);
  if (same) return [`= ${first}`, ...rest.map((line) => `  ${line}`)].map((line) => paint("faint", line));
  const told = alike ? differences : differences.filter(({ what }) => !saidByOutcome.has(what));
  const rows = joinNumbered(
    told.map(({ what, values }) => ({ label: what, cells: kernels.map((kernel) => valueText(what, values[kernel])) })),
  );
  const hidden = rows.length - MAX_DIFFERENCES;
  return [
    `${paint("bad", "≠")} ${paint("strong", first)}`,
    ...rest.map((line) => `  ${paint("strong", line)}`),
    ...rowLines("", kernels, width).map((line) => paint("faint", line)),
    ...(alike ? [] : rowLines("outcome", outcomes, width)),
    ...rows.slice(0, MAX_DIFFERENCES).flatMap(({ label, cells }) => rowLines(label, cells, width)),
    ...(hidden > 0 ? [`    and ${hidden} more (--json has all)`] : []),
  ];
}

interface Row {
  readonly label: string;
  readonly cells: readonly string[];
}

/** `blocks.32`, …, `blocks.38` with the same cells become `blocks.32-38`. */
function joinNumbered(rows: readonly Row[]): Row[] {
  const joined: { readonly likeness: string; readonly row: Row; readonly numbers: number[] }[] = [];
  for (const row of rows) {
    const number = /\d+/.exec(row.label);
    const likeness = JSON.stringify([row.label.replace(/\d+/, "#"), row.cells]);
    const same = number === null ? undefined : joined.find((other) => other.likeness === likeness);
    if (same === undefined) joined.push({ likeness, row, numbers: number === null ? [] : [Number(number[0])] });
    else same.numbers.push(Number(number?.[0]));
  }
  return joined.map(({ row: { label, cells }, numbers }) => ({
    label: numbers.length < 2 ? label : label.replace(/\d+/, formatNumberList(numbers)),
    cells,
  }));
}

/** Cells beside each other, each wrapped in its own column. */
function rowLines(label: string, cells: readonly string[], width: number): string[] {
  const cellWidth = Math.max(16, Math.floor((width - LABEL_WIDTH) / cells.length));
  const columns = [
    [`    ${shortLabel(label)}`],
    ...cells.map((cell) => {
      const lines = wrap(cell, cellWidth - 2, 2).map((line) => cut(line, cellWidth - 2));
      return lines.length > MAX_CELL_LINES ? [...lines.slice(0, MAX_CELL_LINES - 1), "  …"] : lines;
    }),
  ];
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, i) =>
    columns
      .map((lines, column) => (lines[i] ?? "").padEnd(column === 0 ? LABEL_WIDTH : cellWidth))
      .join("")
      .trimEnd(),
  );
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** The end of a path says more than its beginning. */
function shortLabel(label: string): string {
  const room = LABEL_WIDTH - 6;
  return label.length > room ? `…${label.slice(1 - room)}` : label;
}

function valueText(what: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "-";
  if (!Array.isArray(value)) return typeof value === "string" ? value.trimEnd() : (JSON.stringify(value) ?? "-");
  if (value.length === 0) return "-";
  if (what === "uevents") return ueventTexts(value.map(ueventOf)).join(", ");
  if (what === "refused") return counted(value.map(refusedText));
  // Numbers in a row stand for something by their place.
  if (!value.every((item) => typeof item === "string")) return JSON.stringify(value);
  return counted(value);
}

function refusedText(entry: unknown): string {
  const { errno, code } = entry as { readonly errno: unknown; readonly code: unknown };
  return `${String(errno)} ${String(code)}`;
}

/** An entry of a trace's `uevents` as the event it came from. */
function ueventOf(entry: unknown): Parameters<typeof ueventTexts>[0][number] {
  const event: UeventEntry = typeof entry === "string" ? { uevent: entry } : (entry as UeventEntry);
  const { uevent, SUBSYSTEM: _, ...env } = event;
  const at = uevent.indexOf("@");
  return { action: uevent.slice(0, at), devpath: uevent.slice(at + 1), env };
}

interface UeventEntry {
  readonly uevent: string;
  readonly [variable: string]: string;
}

/** `a, b, a, b` is `a ×2, b ×2`. */
function counted(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => (count === 1 ? text : `${text} ×${count}`)).join(", ");
}
