import { formatNumberList, formatSize } from "@memhp/abi";
import type { PlanStep } from "@memhp/machine";
import { wrap } from "../text/wrap.ts";
import type { Layout } from "../timeline/layout.ts";
import { acrossNodes } from "./across-nodes.ts";
import { addTargets } from "./explained.ts";
import { paragraph, sizeText, targetsText } from "./explain-text.ts";
import type { ExplainedPlan } from "./plan.ts";

/** A plan for people. */
export function planText(plan: ExplainedPlan, pageSize: number, layout: Layout): string {
  const { goal } = plan;
  const what = `${goal.dimm === undefined ? formatSize(goal.bytes) : `DIMM ${goal.dimm}`} (${goal.blocks} block${goal.blocks === 1 ? "" : "s"})`;
  const lines = plan.possible ? possibleLines(plan, what, pageSize, layout) : impossibleLines(plan, what, layout);
  return `${lines.join("\n")}\n`;
}

function possibleLines(
  { steps, pages, pages_at_most: most, carried_out: done }: Extract<ExplainedPlan, { possible: true }>,
  what: string,
  pageSize: number,
  { paint, width }: Layout,
): string[] {
  const moves = pages === most ? sizeText(pages, pageSize) : `${pages} to ${sizeText(most, pageSize)}`;
  const why = pages === most ? "" : ", because pages may land in a block that goes later";
  const total = pages === 0 ? "Nothing has to move." : `${moves} move in all${why}.`;
  const came = `Carried out on the simulated machine: ${done.offlined} of ${steps.length} blocks went offline, ${done.pages} pages moved.`;
  return [
    paint("strong", `To free ${what}, take these offline in this order:`),
    ...stepLines(steps, pageSize),
    ...wrap(`${total} ${came}`, width, 0),
  ];
}

/** One line for each block from which something moves; those from which nothing does are told together. */
function stepLines(steps: readonly PlanStep[], pageSize: number): string[] {
  const lines: string[] = [];
  const idle = steps.filter(({ pages }) => pages === 0);
  const number = (text: string): string => `  ${text.padStart(6)}  `;
  if (idle.length > 0) {
    const blocks = formatNumberList(idle.map(({ block }) => block)).replaceAll(",", ", ");
    const which = idle.length === 1 ? "1" : `1-${idle.length}`;
    lines.push(`${number(which)}block${idle.length === 1 ? "" : "s"} ${blocks}: nothing to move`);
  }
  for (const [i, { block, pages, targets }] of steps.entries()) {
    if (pages > 0)
      lines.push(
        `${number(String(i + 1))}block ${block}: ${sizeText(pages, pageSize)} move ${targetsText(addTargets(targets))}`,
      );
  }
  return lines;
}

function impossibleLines(
  { goal, available, obstacles }: Extract<ExplainedPlan, { possible: false }>,
  what: string,
  layout: Layout,
): string[] {
  const enough =
    available < goal.blocks
      ? `${available === 0 ? "none" : `only ${available}`} could go`
      : "there is no order in which the pages of all of them find room";
  return [
    layout.paint("bad", `There is no plan that frees ${what}: ${enough}.`),
    ...acrossNodes(obstacles).flatMap((obstacle) => paragraph(obstacle, layout)),
  ];
}
