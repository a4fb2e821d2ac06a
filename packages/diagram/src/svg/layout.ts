import type { DiagramEdge, DiagramModel } from "../diagram-model.ts";
import { chartTree, type Stop } from "./chart-tree.ts";
import { type HorizontalSide, layOutSide } from "./horizontal.ts";
import { SIZE } from "./measures.ts";
import { type LaneRoute, type Route, routesOf, type Side, type StraightRoute } from "./routes.ts";
import { drawnLabel, type Row } from "./rows.ts";
import { type Band, layOutVertically } from "./vertical.ts";

export type Point = readonly [x: number, y: number];

export interface PlacedBox {
  readonly stop: Stop;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly headBottom: number;
  readonly bottom: number;
  readonly lines: readonly string[];
}

export interface PlacedLabel {
  readonly edge: DiagramEdge;
  readonly text: string;
  readonly at: Point;
  readonly anchor: "start" | "end";
}

/** A transition, or several that run straight down together, as a line of horizontal and vertical parts. */
export interface PlacedArrow {
  readonly edges: readonly DiagramEdge[];
  readonly points: readonly Point[];
  readonly labels: readonly PlacedLabel[];
  /** Whether it begins inside its box, which a dot shows. */
  readonly inward: boolean;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Outer boxes before the inner ones. */
  readonly boxes: readonly PlacedBox[];
  readonly arrows: readonly PlacedArrow[];
  /** The dots of initial states, and where their arrows end. */
  readonly initials: readonly { readonly from: Point; readonly to: Point }[];
}

export interface LayoutOptions {
  readonly descriptions: boolean;
  readonly actions: boolean;
  readonly markWidth: number;
}

/**
 * Places a statechart: all states stand in one column in the order of the machine, boxes around those that belong
 * together; an arrow to the next state goes straight down, all others take a lane beside the column. Nothing is searched
 * for or improved by chance, so the same machine gives the same picture, and no label can lie on another or on a line.
 */
export function layOut(model: DiagramModel, options: LayoutOptions): Layout {
  const tree = chartTree(model);
  const routes = routesOf(tree, model.edges);
  const vertical = layOutVertically(tree, routes, options);
  const sides: Record<Side, HorizontalSide> = {
    right: layOutSide("right", tree.sheet, routes, vertical),
    left: layOutSide("left", tree.sheet, routes, vertical),
  };
  const reach = (side: Side): number =>
    Math.max(vertical.width / 2, sides[side].edge.get(tree.sheet) ?? 0) + SIZE.margin - SIZE.lane;
  const middle = Math.ceil(reach("left"));
  const band = (stop: Stop): Band => vertical.bands.get(stop) as Band;
  const sign = (side: Side): number => (side === "right" ? 1 : -1);
  const edgeX = (stop: Stop, side: Side): number => middle + sign(side) * (sides[side].edge.get(stop) as number);
  const innerX = (side: Side): number => middle + (sign(side) * vertical.width) / 2;

  const stops = [...tree.stops.values()];
  const boxes = stops.map((stop): PlacedBox => {
    const { top, headBottom, bottom, lines } = band(stop);
    return { stop, left: edgeX(stop, "left"), right: edgeX(stop, "right"), top, headBottom, bottom, lines };
  });

  function laneArrow(side: Side, row: Row & { readonly kind: "exit" }, entryY: number): PlacedArrow {
    const { route, label } = row;
    const y = vertical.rowY.get(row) as number;
    const from = route.inward ? innerX(side) : edgeX(route.from, side);
    const lane = middle + sign(side) * (sides[side].lane.get(route) as number);
    return {
      edges: [route.edge],
      points: [
        [from, y],
        [lane, y],
        [lane, entryY],
        [edgeX(route.to, side), entryY],
      ],
      labels: [
        {
          edge: route.edge,
          text: label,
          at: [from + sign(side) * (SIZE.labelGap - 2), y - 4],
          anchor: side === "right" ? "start" : "end",
        },
      ],
      inward: route.inward,
    };
  }

  function loopArrow(row: Row & { readonly kind: "loop" }): PlacedArrow {
    const { from, edge } = row.route;
    const x = edgeX(from, "right");
    const y = vertical.rowY.get(row) as number;
    return {
      edges: [edge],
      points: [
        [x, y - 6],
        [x + SIZE.loop, y - 6],
        [x + SIZE.loop, y + 6],
        [x, y + 6],
      ],
      labels: [{ edge, text: row.label, at: [x + SIZE.loop + 6, y + 4], anchor: "start" }],
      inward: false,
    };
  }

  function straightArrow({ from, to, edges }: StraightRoute): PlacedArrow {
    const top = band(from).bottom;
    const bottom = band(to).top;
    const first = (top + bottom) / 2 - ((edges.length - 1) * SIZE.labelLine) / 2 + 3;
    return {
      edges,
      points: [
        [middle, top],
        [middle, bottom],
      ],
      labels: edges.map((edge, i) => ({
        edge,
        text: drawnLabel(edge),
        at: [middle + SIZE.labelGap, first + i * SIZE.labelLine],
        anchor: "start",
      })),
      inward: false,
    };
  }

  const entryY = new Map<LaneRoute, number>();
  for (const row of allRows(stops, band))
    if (row.kind === "entry") for (const route of row.routes) entryY.set(route, vertical.rowY.get(row) as number);
  const rowed = allRows(stops, band).flatMap((row): PlacedArrow[] => {
    if (row.kind === "entry") return [];
    return [row.kind === "loop" ? loopArrow(row) : laneArrow(row.route.side, row, entryY.get(row.route) as number)];
  });
  const straight = routes.filter((route: Route) => route.kind === "straight").map(straightArrow);

  return {
    width: Math.ceil(middle + reach("right")),
    height: Math.ceil(band(tree.sheet).bottom + SIZE.margin),
    boxes,
    arrows: [...rowed, ...straight],
    initials: [tree.sheet, ...stops].flatMap((stop) => {
      const { dotY } = band(stop);
      const first = stop.children[0];
      return dotY === undefined || first === undefined
        ? []
        : [{ from: [middle, dotY] as const, to: [middle, band(first).top] as const }];
    }),
  };
}

function allRows(stops: readonly Stop[], band: (stop: Stop) => Band): Row[] {
  return stops.flatMap((stop) => [...band(stop).rows.right, ...band(stop).rows.left]);
}
