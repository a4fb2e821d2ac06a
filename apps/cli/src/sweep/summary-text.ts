import { type GroupSummary, type MeasureSummary, measureText, type SweepSummary, valueText } from "@memhp/sweep";
import { wrap } from "../text/wrap.ts";
import { type TextColumn, textTable } from "@memhp/shell";

/** Of running text. */
const WIDTH = 96;
/** Most groups that people are shown; JSON and CSV have all. */
const MAX_GROUPS = 200;

/** A summary for people: the question, a table by parameters, the extremes. */
export function summaryText(summary: SweepSummary, answer?: string): string {
  const { question, name, runs, done, failed, groups, stopped } = summary;
  const head = `${question ?? name}\n\n`;
  const table = groups === undefined || groups.length > MAX_GROUPS ? measureTable(summary) : groupTable(groups);
  const ended = stopped === undefined ? "" : `; that was enough: ${stopped}`;
  const counted = `\n${done} of ${runs} runs${failed === 0 ? "" : `, ${failed} failed`}${ended}\n`;
  const told =
    answer === undefined ? "" : `\nThe answer that its file gives:\n${wrap(answer.trim(), WIDTH, 0).join("\n")}\n`;
  return `${head}${table}${extremesText(summary)}${counted}${told}`;
}

function groupTable(groups: readonly GroupSummary[]): string {
  const [first] = groups;
  if (first === undefined) return "";
  const several = groups.some((group) => group.runs > 1);
  const hasFailed = groups.some(({ failed }) => failed > 0);
  const columns: TextColumn<GroupSummary>[] = [
    ...Object.keys(first.parameters).map((name): TextColumn<GroupSummary> => ({
      name,
      align: "right",
      cell: ({ parameters }) => valueText(parameters[name]),
    })),
    ...(several ? [{ name: "RUNS", align: "right" as const, cell: (group: GroupSummary) => String(group.runs) }] : []),
    ...(hasFailed
      ? [{ name: "FAILED", align: "right" as const, cell: (group: GroupSummary) => String(group.failed) }]
      : []),
    ...Object.keys(first.measures).map((name): TextColumn<GroupSummary> => ({
      name,
      align: "right",
      cell: ({ measures }) => measureText(measures[name]) || "-",
    })),
  ];
  return textTable(columns, groups);
}

function measureTable({ measures }: SweepSummary): string {
  return textTable<readonly [string, MeasureSummary]>(
    [
      { name: "MEASURE", align: "left", cell: ([name]) => name },
      { name: "MEDIAN", align: "left", cell: ([, measure]) => measureText(measure) || "-" },
    ],
    Object.entries(measures),
  );
}

/** Which runs to look at: only where there is more to see than the table shows. */
function extremesText({ extremes, groups, runs }: SweepSummary): string {
  if (groups !== undefined && groups.length === runs) return "";
  const lines = Object.entries(extremes).flatMap(([name, { least, most }]) =>
    least.run === most.run
      ? []
      : [`${name}: least in run ${least.run} (seed ${least.seed}), most in run ${most.run} (seed ${most.seed})\n`],
  );
  return lines.length === 0 ? "" : `\n${lines.join("")}`;
}
