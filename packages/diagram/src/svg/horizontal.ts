import type { Stop } from "./chart-tree.ts";
import { assignLanes } from "./lanes.ts";
import { SIZE } from "./measures.ts";
import type { LaneRoute, Route, Side } from "./routes.ts";
import type { Row } from "./rows.ts";
import { monoWidth } from "./text-width.ts";
import type { Band, Vertical } from "./vertical.ts";

/** One side of the picture. Distances are measured from the middle line, on which all states stand. */
export interface HorizontalSide {
  /** To the edge of the state's box. */
  readonly edge: ReadonlyMap<Stop, number>;
  /** To the lane that a route takes. */
  readonly lane: ReadonlyMap<LaneRoute, number>;
}

/**
 * Finds room beside the states, from the inside out: first the labels of a box's own states and its inner boxes, then
 * its lanes, then its edge. So no lane crosses a label.
 */
export function layOutSide(side: Side, sheet: Stop, routes: readonly Route[], vertical: Vertical): HorizontalSide {
  const edge = new Map<Stop, number>();
  const lane = new Map<LaneRoute, number>();
  const inLanes = routes.filter((route) => route.kind === "lane" && route.side === side) as LaneRoute[];
  const entryOf = new Map<LaneRoute, number>();
  const exitOf = new Map<LaneRoute, number>();
  for (const { rows } of vertical.bands.values()) {
    for (const row of rows[side]) {
      const y = vertical.rowY.get(row) as number;
      if (row.kind === "exit") exitOf.set(row.route, y);
      if (row.kind === "entry") for (const route of row.routes) entryOf.set(route, y);
    }
  }

  function place(stop: Stop): void {
    const box = vertical.width / 2;
    for (const child of stop.children) place(child);
    if (stop.children.length === 0) {
      edge.set(stop, box);
      return;
    }
    const inner = stop.children.map((child) => {
      const childEdge = edge.get(child) as number;
      return childEdge + rowsReach(vertical.bands.get(child) as Band, side, false);
    });
    const reach = Math.max(box + rowsReach(vertical.bands.get(stop) as Band, side, true), ...inner);
    const buses = busesIn(stop, inLanes);
    const lanes = assignLanes(
      buses.map((bus) => {
        const ends = bus.flatMap((route) => [exitOf.get(route) as number, entryOf.get(route) as number]);
        return { from: Math.min(...ends), to: Math.max(...ends) };
      }),
    );
    for (const [i, bus] of buses.entries())
      for (const route of bus) lane.set(route, reach + SIZE.lane + (lanes[i] as number) * SIZE.lane);
    const outermost = lanes.length === 0 ? reach : reach + SIZE.lane + Math.max(...lanes) * SIZE.lane;
    edge.set(stop, Math.ceil(outermost + SIZE.lane));
  }

  place(sheet);
  return { edge, lane };
}

/** How far labels and loops of a state's rows reach from where they begin. */
function rowsReach(band: Band, side: Side, inward: boolean): number {
  return Math.max(0, ...band.rows[side].map((row) => (isInward(row) === inward ? rowReach(row) : 0)));
}

function isInward(row: Row): boolean {
  return row.kind === "exit" && row.route.inward;
}

function rowReach(row: Row): number {
  if (row.kind === "entry") return 0;
  const label = SIZE.labelGap + monoWidth(row.label, SIZE.labelFont);
  return row.kind === "exit" ? label : SIZE.loop + label;
}

/** Routes to the same state share a lane. */
function busesIn(box: Stop, routes: readonly LaneRoute[]): LaneRoute[][] {
  const buses = new Map<Stop, LaneRoute[]>();
  for (const route of routes.filter((route) => route.box === box)) {
    const bus = buses.get(route.to);
    if (bus === undefined) buses.set(route.to, [route]);
    else bus.push(route);
  }
  return [...buses.values()];
}
