import type { DiagramEdge } from "../diagram-model.ts";
import { type ChartTree, commonParent, isWithin, type Stop } from "./chart-tree.ts";

/** Which way a transition takes. Down is on the right, up is on the left, like traffic. */
export type Side = "right" | "left";

/** Straight down to the next state of the same box. */
export interface StraightRoute {
  readonly kind: "straight";
  readonly from: Stop;
  readonly to: Stop;
  readonly edges: readonly DiagramEdge[];
}

/** Out at the side, along a lane of `box`, and in at the same side. */
export interface LaneRoute {
  readonly kind: "lane";
  readonly from: Stop;
  readonly to: Stop;
  readonly edge: DiagramEdge;
  readonly side: Side;
  /** The box in whose margin the lane runs. */
  readonly box: Stop;
  /** Whether it begins inside of `from`, which is the case when it leads to one of its own states. */
  readonly inward: boolean;
}

/** Back to the same state. */
export interface LoopRoute {
  readonly kind: "loop";
  readonly from: Stop;
  readonly edge: DiagramEdge;
}

export type Route = StraightRoute | LaneRoute | LoopRoute;

export function routesOf({ stops }: ChartTree, edges: readonly DiagramEdge[]): Route[] {
  const routes: Route[] = [];
  const straight = new Map<Stop, DiagramEdge[]>();
  for (const edge of edges) {
    const from = stops.get(edge.source) as Stop;
    const to = stops.get(edge.target) as Stop;
    if (from === to) {
      routes.push({ kind: "loop", from, edge });
    } else if (isNext(from, to)) {
      const together = straight.get(from);
      if (together === undefined) {
        const begun = [edge];
        straight.set(from, begun);
        routes.push({ kind: "straight", from, to, edges: begun });
      } else {
        together.push(edge);
      }
    } else {
      const inward = isWithin(to, from);
      const box = inward ? from : commonParent(from, to);
      routes.push({ kind: "lane", from, to, edge, side: to.order > from.order ? "right" : "left", box, inward });
    }
  }
  return routes;
}

function isNext(from: Stop, to: Stop): boolean {
  const siblings = from.parent?.children ?? [];
  return (
    from.parent === to.parent && from.parent?.kind !== "parallel" && siblings.indexOf(to) === siblings.indexOf(from) + 1
  );
}
