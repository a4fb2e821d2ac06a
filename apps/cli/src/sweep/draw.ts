import { type RunResult, SweepError, type SweepSummary } from "@memhp/sweep";
import type { Arguments } from "../arguments/arguments.ts";
import { retold, UsageError } from "../errors.ts";

/** The pictures that a command line asks for; absent where it asks for none. */
export interface Drawn {
  readonly svg?: string;
  readonly text?: string;
}

/** @throws UsageError for a measure that cannot be drawn */
export async function draw(args: Arguments, summary: SweepSummary, results: readonly RunResult[]): Promise<Drawn> {
  const [wantsSvg, wantsText] = [args.flag("chart"), args.flag("plot")];
  if (!wantsSvg && !wantsText) return {};
  // Code that only pictures need.
  const { chartData, chartSvg, chartText } = await import("@memhp/sweep/chart");
  const read = (): ReturnType<typeof chartData> => chartData(summary, results, args.text("measure"));
  const chart = retold(read, SweepError, UsageError, "--measure: ");
  return {
    ...(wantsSvg && { svg: chartSvg(chart, summary.question ?? summary.name) }),
    ...(wantsText && { text: chartText(chart) }),
  };
}
