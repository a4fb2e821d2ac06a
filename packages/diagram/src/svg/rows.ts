import type { DiagramEdge } from "../diagram-model.ts";
import { edgeLabel } from "../edge-label.ts";
import type { Stop } from "./chart-tree.ts";
import type { LaneRoute, LoopRoute, Route, Side } from "./routes.ts";
import { fitMono } from "./text-width.ts";

/** Where something leaves or reaches a state at its side. Each row has a height of its own, so no two lines meet. */
export type Row =
  | { readonly kind: "entry"; readonly routes: readonly LaneRoute[] }
  | { readonly kind: "exit"; readonly route: LaneRoute; readonly label: string }
  | { readonly kind: "loop"; readonly route: LoopRoute; readonly label: string };

// The label of an exit stands above its line, that of a loop beside it.
const HEIGHTS = { entry: 14, exit: 20, loop: 26 } as const;
const LINES = { entry: 7, exit: 15, loop: 14 } as const;
const LABEL_PLACES = 36;

export function rowHeight(row: Row): number {
  return HEIGHTS[row.kind];
}

/** From the top of a row to its line. */
export function rowLine(row: Row): number {
  return LINES[row.kind];
}

/** The label of a transition as it is drawn. */
export function drawnLabel(edge: DiagramEdge): string {
  return fitMono(edgeLabel(edge), LABEL_PLACES);
}

/**
 * The rows of one side of a state, from top to bottom, in the order in which they do not cross: what comes
 * from above enters above what goes down, and the farthest way turns off first.
 */
export function rowsOf(stop: Stop, side: Side, routes: readonly Route[]): Row[] {
  const lanes = routes.filter((route) => route.kind === "lane" && route.side === side) as LaneRoute[];
  const entering = lanes.filter((route) => route.to === stop);
  const entry: Row[] = entering.length === 0 ? [] : [{ kind: "entry", routes: entering }];
  const farthestFirst = lanes.filter((route) => route.from === stop).sort(byFarness);
  const exits = (side === "right" ? farthestFirst : farthestFirst.toReversed()).map((route): Row => ({
    kind: "exit",
    route,
    label: drawnLabel(route.edge),
  }));
  if (side === "left") return [...exits, ...entry];
  const loops = routes.filter((route) => route.kind === "loop" && route.from === stop) as LoopRoute[];
  return [...entry, ...exits, ...loops.map((route): Row => ({ kind: "loop", route, label: drawnLabel(route.edge) }))];
}

function byFarness(a: LaneRoute, b: LaneRoute): number {
  return a.box.depth - b.box.depth || distance(b) - distance(a);
}

function distance({ from, to }: LaneRoute): number {
  return Math.abs(to.order - from.order);
}
