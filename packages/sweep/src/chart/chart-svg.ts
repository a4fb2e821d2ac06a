import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import type { ChartData, ChartPoint } from "./chart-data.ts";

const WIDTH = 720;
const HEIGHT = 400;
const MARGIN = { top: 36, right: 24, bottom: 48, left: 84 };
const CELL = { width: 64, height: 28 };
/** Told apart also by those who see colours otherwise (Okabe and Ito). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555"];
const LEGEND_LINE = 18;

/** A picture of a sweep as SVG. */
export function chartSvg(chart: ChartData, title: string): string {
  if (chart.kind === "heatmap") return heatmap(chart, title);
  return chart.kind === "curves" ? curves(chart, title) : distribution(chart, title);
}

type Kind<K extends ChartData["kind"]> = Extract<ChartData, { readonly kind: K }>;

function curves({ measure, x: name, lines }: Kind<"curves">, title: string): string {
  const points = lines.flatMap(({ points: of }) => of);
  const x = scaleLinear([Math.min(...points.map((p) => p.x)), Math.max(...points.map((p) => p.x))], across());
  const y = scaleLinear([Math.min(0, ...points.map((p) => p.min)), Math.max(...points.map((p) => p.max))], up()).nice();
  const path = line<ChartPoint>(
    (p) => x(p.x),
    (p) => y(p.median),
  );
  const band = area<ChartPoint>(
    (p) => x(p.x),
    (p) => y(p.min),
    (p) => y(p.max),
  );
  const labels = [...new Map(points.map((p) => [p.x, p.label]))];
  const drawn = lines.map(({ name: of, points: at }, i) => {
    const colour = COLOURS[i % COLOURS.length] ?? "";
    const dots = at.map((p) => `<circle cx="${px(x(p.x))}" cy="${px(y(p.median))}" r="3" fill="${colour}"/>`);
    return `<g><title>${escaped(of)}</title><path d="${band([...at]) ?? ""}" fill="${colour}" opacity="0.15"/><path d="${path([...at]) ?? ""}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join("")}</g>`;
  });
  const legend = lines.map(({ name: of }, i) =>
    of === "" ? "" : text(of, MARGIN.left, HEIGHT + i * LEGEND_LINE, `fill="${COLOURS[i % COLOURS.length] ?? ""}"`),
  );
  const height = HEIGHT + lines.length * LEGEND_LINE;
  const ticks = labels.map(([at, label]) => text(label, x(at), HEIGHT - MARGIN.bottom + 18, MIDDLE));
  return svg(WIDTH, height, title, [...axes(y, measure, name), ...ticks, ...drawn, ...legend]);
}

function distribution({ measure, bins }: Kind<"distribution">, title: string): string {
  const x = scaleLinear([bins[0]?.from ?? 0, bins.at(-1)?.to ?? 1], across());
  const y = scaleLinear([0, Math.max(...bins.map(({ runs }) => runs))], up()).nice();
  const bars = bins.map(
    ({ from, to, runs }) =>
      `<rect x="${px(x(from))}" y="${px(y(runs))}" width="${px(Math.max(1, x(to) - x(from) - 1))}" height="${px(y(0) - y(runs))}" fill="${COLOURS[0] ?? ""}"><title>${rounded(from)}..${rounded(to)}: ${runs}</title></rect>`,
  );
  const ticks = x.ticks(6).map((at) => text(rounded(at), x(at), HEIGHT - MARGIN.bottom + 18, MIDDLE));
  return svg(WIDTH, HEIGHT, title, [...axes(y, "runs", measure), ...ticks, ...bars]);
}

function heatmap({ measure, x: name, columns, rows }: Kind<"heatmap">, title: string): string {
  const values = rows.flatMap(({ cells }) => cells.filter((cell) => cell !== null));
  const shade = scaleLinear([Math.min(...values), Math.max(...values)], [0.08, 0.95]);
  const left = 16 + 7 * Math.max(1, ...rows.map((row) => row.name.length));
  const cells = rows.flatMap((row, r) =>
    row.cells.map((cell, c) => {
      const at = { x: left + c * CELL.width, y: MARGIN.top + 20 + r * CELL.height };
      const opacity = cell === null ? 0 : shade(cell);
      const colour = opacity > 0.5 ? "white" : "black";
      return `<rect x="${at.x}" y="${at.y}" width="${CELL.width - 1}" height="${CELL.height - 1}" fill="${COLOURS[0] ?? ""}" fill-opacity="${opacity.toFixed(2)}"/>${text(cell === null ? "-" : rounded(cell), at.x + CELL.width / 2, at.y + 18, `${MIDDLE} fill="${colour}"`)}`;
    }),
  );
  const heads = columns.map((column, c) => text(column, left + (c + 0.5) * CELL.width, MARGIN.top + 12, MIDDLE));
  const names = rows.map((row, r) => text(row.name, left - 8, MARGIN.top + 38 + r * CELL.height, 'text-anchor="end"'));
  const height = MARGIN.top + 52 + rows.length * CELL.height;
  const foot = text(`${measure}, by ${name}`, left, height - 8);
  return svg(Math.max(WIDTH, left + columns.length * CELL.width + 16), height, title, [
    ...heads,
    ...names,
    ...cells,
    foot,
  ]);
}

const MIDDLE = 'text-anchor="middle"';

function across(): [number, number] {
  return [MARGIN.left, WIDTH - MARGIN.right];
}
function up(): [number, number] {
  return [HEIGHT - MARGIN.bottom, MARGIN.top + 12];
}

function axes(y: ReturnType<typeof scaleLinear<number>>, ofY: string, ofX: string): string[] {
  const [left, right] = across();
  return [
    ...y
      .ticks(6)
      .flatMap((at) => [
        `<line x1="${left}" x2="${right}" y1="${px(y(at))}" y2="${px(y(at))}" stroke="#ddd"/>`,
        text(rounded(at), left - 8, y(at) + 4, 'text-anchor="end"'),
      ]),
    text(ofY, 8, MARGIN.top),
    text(ofX, (left + right) / 2, HEIGHT - 10, MIDDLE),
  ];
}

/** Of a letter of the title, about. */
const LETTER = 7;

function svg(least: number, height: number, title: string, parts: readonly string[]): string {
  const width = Math.max(least, 16 + LETTER * title.length);
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" role="img">`;
  return `${head}\n<title>${escaped(title)}</title>\n<rect width="100%" height="100%" fill="white"/>\n${text(title, 8, 18, 'font-size="14"')}\n${parts.filter((part) => part !== "").join("\n")}\n</svg>\n`;
}

function text(shown: string, x: number, y: number, attributes = ""): string {
  return `<text x="${px(x)}" y="${px(y)}"${attributes === "" ? "" : ` ${attributes}`}>${escaped(shown)}</text>`;
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}

function escaped(shown: string): string {
  return shown.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
