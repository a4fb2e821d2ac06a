import { formatNumberList, formatSize, parseNumberList } from "@memhp/abi";
import { wrap } from "../../text/wrap.ts";
import type { Layout } from "../../timeline/layout.ts";
import { acrossNodes } from "../across-nodes.ts";
import { paragraph, sizeText, targetsText } from "../explain-text.ts";
import type { CapturePlan } from "./capture-plan.ts";

/** A plan for a captured host, for people: the steps with their risks, and the commands. */
export function capturePlanText(
  plan: CapturePlan,
  pageSize: number,
  warnings: readonly string[],
  layout: Layout,
): string {
  const lines = plan.possible ? possibleLines(plan, pageSize, layout) : impossibleLines(plan, layout);
  const told = warnings.flatMap((warning) => wrap(warning, layout.width, 0));
  return `${[...lines, "", ...told].join("\n")}\n`;
}

function whatOf({ goal }: CapturePlan): string {
  return `${goal.about} (${goal.blocks} block${goal.blocks === 1 ? "" : "s"}, ${formatSize(goal.bytes)})`;
}

function possibleLines(
  plan: Extract<CapturePlan, { possible: true }>,
  pageSize: number,
  { paint, width }: Layout,
): string[] {
  const { steps, pages, commands } = plan;
  const risks = [...new Set(steps.flatMap(({ risk }) => risk ?? []))];
  const told = steps.map((step, at) => {
    const moves =
      step.pages === 0 ? "nothing to move" : `${sizeText(step.pages, pageSize)} move ${targetsText(step.targets)}`;
    const risk = step.risk === undefined ? "" : ` [${risks.indexOf(step.risk) + 1}]`;
    return `  ${String(at + 1).padStart(5)}  block ${step.block}: ${moves}${risk}`;
  });
  return [
    paint("strong", `To free ${whatOf(plan)}, take these offline in this order:`),
    ...told,
    pages === 0 ? "Nothing has to move." : `${sizeText(pages, pageSize)} move in all.`,
    ...risks.flatMap((risk, at) => wrap(`  [${at + 1}] ${risk}`, width, 6)),
    "",
    paint("strong", "As commands:"),
    ...commands.map((command) => `  ${command}`),
    "or block by block, as root:",
    ...steps.map(({ command }) => `  ${command}`),
  ];
}

function impossibleLines(plan: Extract<CapturePlan, { possible: false }>, layout: Layout): string[] {
  const { available, obstacles } = plan;
  const some = available === 0 ? "no block goes" : `${available} of ${plan.goal.blocks} blocks go`;
  const blocks = obstacles.flatMap((group) => parseNumberList(group.blocks));
  const stay = blocks.length === 0 ? "" : `; ${formatNumberList(blocks)} stay`;
  return [
    layout.paint("bad", `There is no plan that frees ${whatOf(plan)}: ${some}${stay}.`),
    ...acrossNodes(obstacles).flatMap((obstacle) => paragraph(obstacle, layout)),
  ];
}
