import { type Errno, errnoText } from "@memhp/abi";
import type { StepRequest } from "@memhp/scenario";
import type { StepOutcome } from "./step-outcome.ts";
import { pagesText } from "./words.ts";

type Json = Readonly<Record<string, unknown>>;

/** Who uses memory from now on: `start load db: 10G of anon, prefer node 3, churns`. */
export function loadStart({ id, kind, size, node, nodes, policy, pin, churn }: StepRequest): string {
  const where = Array.isArray(nodes) ? nodes : node === undefined ? [] : [node];
  const mode = typeof policy === "string" ? policy : where.length > 1 ? "interleave" : "prefer";
  const traits = [
    `${String(size)} of ${String(kind)}`,
    ...(where.length === 0 ? [] : [`${mode} node${where.length === 1 ? "" : "s"} ${where.join(", ")}`]),
    ...(pin === "long" ? ["long pins"] : []),
    ...(churn === undefined ? [] : ["churns"]),
  ];
  return `start load ${String(id)}: ${traits.join(", ")}`;
}

/** Where its pages lie, or why there are none. */
export function loadStarted(result: Json): StepOutcome {
  const errno = result["errno"] as Errno | 0;
  if (errno !== 0) return { outcome: `${errno} (${errnoText(errno)})`, good: false };
  const nodes = Object.entries(result["nodes"] as Readonly<Record<string, number>>);
  return { outcome: nodes.map(([node, pages]) => `${pagesText(pages)} on node ${node}`).join(", "), good: true };
}

export function loadEnded(result: Json): StepOutcome {
  return { outcome: `${pagesText(Number(result["pages"]))} freed`, good: true };
}
