import { formatNumberList } from "@memhp/abi";
import { type DimmPlaces, stepTitle } from "@memhp/scenario";
import { wrap } from "../text/wrap.ts";
import type { Layout } from "../timeline/layout.ts";
import { ueventTexts } from "../timeline/uevents.ts";
import type { StepComparison } from "./compare-kernels.ts";
import type { CausedComparison } from "./compare-with-causes.ts";

const LABEL_WIDTH = 28;
const MAX_DIFFERENCES = 12;
const MAX_CELL_LINES = 4;
/** Fields of a result that the outcome in words tells too. */
const saidByOutcome: ReadonlySet<string> = new Set(["errno", "ret", "onlined", "offlined"]);

/** The causes, each once with the steps that follow from it; then the steps, each with what else differs in a column for each kernel. */
export function comparisonText(compared: CausedComparison, places: DimmPlaces, layout: Layout): string {
  const { comparison, causes, left } = compared;
  const { name, kernels, steps, same, total } = comparison;
  const explained = steps.filter((step) => !step.same && left.steps[step.step]?.same === true).length;
  const lines = [
    ...wrap(`${name}: what ${kernels.join(" and ")} do differently`, layout.width, 2).map((line) =>
      layout.paint("strong", line),
    ),
    "",
    ...causes.flatMap(({ text, without, steps }, i) => causeLines(i + 1, text, without, steps, layout)),
    ...steps.flatMap((step) => stepLines(step, compared, places, layout)),
    "",
    `${same} of ${total} steps alike under ${kernels.join(", ")}${explained === 0 ? "" : `; ${explained} differ by what is said above alone`}`,
  ];
  return `${lines.join("\n")}\n`;
}

function causeLines(
  number: number,
  text: string,
  without: string | undefined,
  steps: readonly number[],
  layout: Layout,
): string[] {
  const which = `step${steps.length === 1 ? "" : "s"} ${formatNumberList(steps)}`;
  const gone = without === undefined ? `: ${which}.` : `. Gone with ${without} for all: ${which}.`;
  const [first = "", ...rest] = wrap(`${text}${gone}`, layout.width - 2, 2);
  return [`${layout.paint("strong", String(number))} ${first}`, ...rest.map((line) => `  ${line}`), ""];
}

function stepLines(
  step: StepComparison,
  { comparison, causes, left, traces, leftTraces }: CausedComparison,
  places: DimmPlaces,
  layout: Layout,
): string[] {
  const { paint, width } = layout;
  const now = left.steps[step.step] ?? step;
  const by = causes.flatMap((cause, i) => (cause.steps.includes(step.step) ? [i + 1] : []));
  const titles = (now.same ? traces : leftTraces).flatMap(({ steps }) => {
    const done = steps[step.step];
    return done === undefined ? [] : [stepTitle(done, places)];
  });
  const outcomes = titles.map(({ outcome }) => outcome);
  const alike = outcomes.every((outcome) => outcome === outcomes[0]);
  const told = alike ? `  →  ${outcomes[0]}` : now.same ? `  →  ${outcomes.join(" / ")}` : "";
  const [first = "", ...rest] = wrap(`step ${step.step}  ${titles[0]?.asked ?? ""}${told}`, width - 2, 8);
  const whole = (mark: string): string[] =>
    [`${mark} ${first}`, ...rest.map((line) => `  ${line}`)].map((line) => paint("faint", line));
  if (step.same && now.same) return whole("=");
  if (now.same) return whole(by.join(",") || "=");
  const shown = alike ? now.differences : now.differences.filter(({ what }) => !saidByOutcome.has(what));
  const rows = joinNumbered(
    shown.map(({ what, values }) => ({
      label: what,
      cells: comparison.kernels.map((kernel) => valueText(what, values[kernel])),
    })),
  );
  const hidden = rows.length - MAX_DIFFERENCES;
  return [
    `${paint("bad", "≠")} ${paint("strong", first)}`,
    ...rest.map((line) => `  ${paint("strong", line)}`),
    ...rowLines("", comparison.kernels, width).map((line) => paint("faint", line)),
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
