import type { ChartTree, Stop } from "./chart-tree.ts";
import { SIZE } from "./measures.ts";
import type { Route, StraightRoute } from "./routes.ts";
import { drawnLabel, type Row, rowHeight, rowLine, rowsOf } from "./rows.ts";
import { monoWidth, wrapSans } from "./text-width.ts";

/** A state with its heights. The sheet has them too. */
export interface Band {
  readonly stop: Stop;
  readonly top: number;
  /** Below name, description and rows: where the inner states begin. The bottom of a state that has none. */
  readonly headBottom: number;
  readonly bottom: number;
  /** Description, broken into lines. */
  readonly lines: readonly string[];
  readonly rows: Readonly<Record<"right" | "left", readonly Row[]>>;
  /** Centre of the dot before the initial state. */
  readonly dotY: number | undefined;
}

export interface Vertical {
  /** Width of every state that has none inside. */
  readonly width: number;
  readonly bands: ReadonlyMap<Stop, Band>;
  readonly rowY: ReadonlyMap<Row, number>;
}

export interface VerticalOptions {
  readonly descriptions: boolean;
  readonly actions: boolean;
  /** Room beside a name, for the mark of the current state. */
  readonly markWidth: number;
}

const MAX_LINES = 3;
const DOT_RADIUS = 5;

/** Stacks the states. No two states share a height unless one lies in the other. */
export function layOutVertically({ sheet }: ChartTree, routes: readonly Route[], options: VerticalOptions): Vertical {
  const straight = new Map(
    routes.flatMap((route) => (route.kind === "straight" ? [[route.from, route] as const] : [])),
  );
  const width = boxWidth(sheet, [...straight.values()], options);
  const bands = new Map<Stop, Band>();
  const rowY = new Map<Row, number>();

  function place(stop: Stop, top: number): number {
    const rows = { right: rowsOf(stop, "right", routes), left: rowsOf(stop, "left", routes) };
    const wrapped = (text: string, most: number): string[] =>
      wrapSans(text, SIZE.textFont, width - 2 * SIZE.padding, most);
    const lines = [
      ...(options.descriptions ? wrapped(stop.description, MAX_LINES) : []),
      ...(options.actions ? stop.behaviour.flatMap((line) => wrapped(line, 2)) : []),
    ];
    const textHeight =
      stop.name === "" ? 0 : SIZE.padding + SIZE.nameFont + lines.length * SIZE.lineHeight + (lines.length > 0 ? 4 : 0);
    const rowsHeight = Math.max(
      ...Object.values(rows).map((side) => sum(side.map(rowHeight)) + (side.length > 0 ? 12 : 0)),
    );
    const nested = stop.children.length > 0;
    const isSheet = stop.parent === undefined;
    const headBottom = isSheet ? top : top + Math.max(textHeight + SIZE.padding - 2, rowsHeight);
    for (const side of Object.values(rows)) {
      let y = (top + headBottom - sum(side.map(rowHeight))) / 2;
      for (const row of side) {
        rowY.set(row, y + rowLine(row));
        y += rowHeight(row);
      }
    }
    let bottom = headBottom;
    let dotY: number | undefined;
    if (nested) {
      const hasDot = stop.kind === "compound";
      dotY = hasDot ? headBottom + DOT_RADIUS : undefined;
      let y = headBottom + (hasDot ? SIZE.initial : isSheet ? 0 : 4);
      for (const child of stop.children) {
        bottom = place(child, y);
        y = bottom + gapBelow(straight.get(child));
      }
      if (!isSheet) bottom += SIZE.padding + 2;
    }
    bands.set(stop, { stop, top, headBottom, bottom, lines, rows, dotY });
    return bottom;
  }

  place(sheet, SIZE.margin);
  return { width, bands, rowY };
}

function gapBelow(route: StraightRoute | undefined): number {
  return route === undefined ? SIZE.gap : SIZE.arrow + route.edges.length * SIZE.labelLine;
}

/** Names and the labels of straight arrows that are longer than usual make every box wider. */
function boxWidth(
  sheet: Stop,
  straight: readonly StraightRoute[],
  { descriptions, actions, markWidth }: VerticalOptions,
): number {
  const stops = walk(sheet);
  const usual =
    (descriptions && stops.some(({ description }) => description !== "")) ||
    (actions && stops.some(({ behaviour }) => behaviour.length > 0))
      ? SIZE.describedWidth
      : SIZE.plainWidth;
  const names = stops.map((stop) => monoWidth(stop.name, SIZE.nameFont) + 2 * SIZE.padding + markWidth);
  const labels = straight
    .flatMap(({ edges }) => edges)
    .map((edge) => 2 * (monoWidth(drawnLabel(edge), SIZE.labelFont) + SIZE.labelGap + SIZE.padding));
  return Math.ceil(Math.max(usual, ...names, ...labels) / 2) * 2;
}

function walk(stop: Stop): Stop[] {
  return [stop, ...stop.children.flatMap(walk)];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
