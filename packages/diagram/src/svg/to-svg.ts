import { knownOptions } from "@memhp/abi";
import { diagramModel, type DiagramEdge, type DiagramModel } from "../diagram-model.ts";
import { activeIds, type Current, innermostIds } from "../current.ts";
import { edgeLabel } from "../edge-label.ts";
import type { Statechart } from "../statechart.ts";
import { layOut, type PlacedArrow, type PlacedBox, type PlacedLabel, type Point } from "./layout.ts";
import { inWords, titleOf } from "./in-words.ts";
import { SIZE } from "./measures.ts";
import { COLOURS, type Colours, type SvgTheme } from "./theme.ts";
import { monoWidth } from "./text-width.ts";

/** How a picture looks, and which states are lit. */
export interface SvgOptions {
  /** The states that the machine is in: paths (`red.walk`; several where states are parallel), or `snapshot.value`. */
  readonly current?: Current;
  /** Light unless told otherwise. */
  readonly theme?: SvgTheme;
  /** Whether descriptions are shown; they are unless told otherwise. */
  readonly descriptions?: boolean;
  /** Whether entry and exit actions and invoked actors are shown, and actions of transitions; they are unless told otherwise. */
  readonly actions?: boolean;
  /** Begins the ids in the picture; needed where a page shows two pictures of one machine. */
  readonly idPrefix?: string;
}

const MARK = "current";
const MARK_FONT = 10;
const MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";
const SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

const OPTIONS: Readonly<Record<keyof SvgOptions, true>> = {
  current: true,
  theme: true,
  descriptions: true,
  actions: true,
  idPrefix: true,
};

/**
 * A statechart as an SVG document. The same machine and options give the same bytes, in Node and in a browser.
 * States carry `data-state`, transitions `data-source`, `data-target` and `data-event`.
 * @throws RangeError where `current` names no state of the machine.
 */
export function toSvg(machine: Statechart, options: SvgOptions = {}): string {
  knownOptions("toSvg: options", options, OPTIONS);
  const { actions = true } = options;
  const whole = diagramModel(machine);
  const model = actions ? whole : withoutActions(whole);
  const colours = COLOURS[options.theme ?? "light"];
  const active = activeIds(model, options.current);
  const marked = innermostIds(model, active);
  const mark = active.size === 0 ? 0 : markWidth() + 8;
  const { width, height, boxes, arrows, initials } = layOut(model, {
    descriptions: options.descriptions ?? true,
    actions,
    markWidth: mark,
  });
  const isActive = (arrow: PlacedArrow): boolean => arrow.edges.some(({ source }) => active.has(source));
  const prefix = options.idPrefix ?? `statechart-${model.id.replaceAll(/[^\w-]/g, "-")}`;
  const nested = boxes.filter(({ stop }) => stop.children.length > 0);
  const plain = boxes.filter(({ stop }) => stop.children.length === 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${MONO}" role="img" aria-labelledby="${escape(prefix)}-title ${escape(prefix)}-desc">`,
    `<title id="${escape(prefix)}-title">${escape(titleOf(model))}</title>`,
    `<desc id="${escape(prefix)}-desc">${escape(inWords(model, active))}</desc>`,
    `<rect width="${width}" height="${height}" fill="${colours.sheet}"/>`,
    ...nested.map((box) => frame(box, active.has(box.stop.id), marked.has(box.stop.id), colours)),
    ...initials.flatMap(({ from, to }) => [
      line([from, to], colours.line, false),
      `<circle cx="${n(from[0])}" cy="${n(from[1])}" r="5" fill="${colours.label}"/>`,
    ]),
    // The ways out of the current state lie on top of the others.
    ...[...arrows.filter((arrow) => !isActive(arrow)), ...arrows.filter(isActive)].map((arrow) =>
      transition(arrow, isActive(arrow), active, colours),
    ),
    ...plain.map((box) => state(box, active.has(box.stop.id), colours)),
    "</svg>",
    "",
  ].join("\n");
}

function withoutActions(model: DiagramModel): DiagramModel {
  const nothing = { entry: [], exit: [], invokes: [] };
  const edges = model.edges.map((edge) => ({ ...edge, actions: [] }));
  return { ...model, ...nothing, states: model.states.map((state) => ({ ...state, ...nothing })), edges };
}

function frame(box: PlacedBox, active: boolean, marked: boolean, colours: Colours): string {
  const { stop, left, right, top, bottom } = box;
  const fill = colours.frames[(stop.depth - 1) % 2] as string;
  const stroke = active ? `stroke="${colours.currentLine}" stroke-width="2"` : `stroke="${colours.frameLine}"`;
  const dashed = stop.kind === "parallel" ? ' stroke-dasharray="6 4"' : "";
  return group(box, [
    `<rect x="${n(left)}" y="${n(top)}" width="${n(right - left)}" height="${n(bottom - top)}" rx="10" fill="${fill}" ${stroke}${dashed}/>`,
    ...texts(box, left + SIZE.padding, colours),
    ...(marked ? [markOf(box, colours)] : []),
  ]);
}

function state(box: PlacedBox, active: boolean, colours: Colours): string {
  const { stop, left, right, top, bottom } = box;
  const final = stop.kind === "final";
  const stroke = active ? `stroke="${colours.currentLine}" stroke-width="2.5"` : `stroke="${colours.stateLine}"`;
  const outline = (inset: number, fill: string): string =>
    `<rect x="${n(left + inset)}" y="${n(top + inset)}" width="${n(right - left - 2 * inset)}" height="${n(bottom - top - 2 * inset)}" rx="${8 - inset}" fill="${fill}" ${stroke}/>`;
  return group(box, [
    outline(0, active ? colours.current : colours.state),
    ...(final ? [outline(3, "none")] : []),
    ...texts(box, left + SIZE.padding, colours),
    ...(active ? [markOf(box, colours)] : []),
  ]);
}

/** The current state is told by a word, not by colour alone. */
function markOf({ right, top }: PlacedBox, colours: Colours): string {
  const width = markWidth();
  const x = right - SIZE.padding + 4 - width;
  return [
    `<rect x="${n(x)}" y="${n(top + 9)}" width="${n(width)}" height="16" rx="8" fill="${colours.currentLine}"/>`,
    `<text x="${n(x + width / 2)}" y="${n(top + 20.5)}" text-anchor="middle" font-size="${MARK_FONT}" fill="${colours.onCurrent}">${MARK}</text>`,
  ].join("");
}

function markWidth(): number {
  return Math.ceil(monoWidth(MARK, MARK_FONT)) + 12;
}

function texts({ stop, top, headBottom, lines }: PlacedBox, x: number, colours: Colours): string[] {
  const block = SIZE.nameFont + lines.length * SIZE.lineHeight;
  const nested = stop.children.length > 0;
  const first = (nested ? top + SIZE.padding : (top + headBottom - block) / 2) + SIZE.nameFont - 2;
  return [
    `<text x="${n(x)}" y="${n(first)}" font-size="${SIZE.nameFont}" font-weight="600" fill="${colours.name}">${escape(stop.name)}</text>`,
    ...lines.map(
      (text, i) =>
        `<text x="${n(x)}" y="${n(first + 2 + (i + 1) * SIZE.lineHeight)}" font-family="${SANS}" font-size="${SIZE.textFont}" fill="${colours.text}">${escape(text)}</text>`,
    ),
  ];
}

function group({ stop }: PlacedBox, content: readonly string[]): string {
  const title = stop.words === "" ? "" : `<title>${escape(stop.words)}</title>`;
  return `<g data-state="${escape(stop.path)}">${title}${content.join("")}</g>`;
}

function transition(arrow: PlacedArrow, active: boolean, activeIds: ReadonlySet<string>, colours: Colours): string {
  const { edges, points, labels, inward } = arrow;
  const [{ source, target }] = edges as [DiagramEdge];
  const colour = active ? colours.currentLine : colours.line;
  const dot = inward
    ? `<circle cx="${n((points[0] as Point)[0])}" cy="${n((points[0] as Point)[1])}" r="3" fill="${colour}"/>`
    : "";
  const dashed = edges.every((edge) => edge.internal === true) ? ' stroke-dasharray="3 3"' : "";
  const attributes = `data-source="${escape(source)}" data-target="${escape(target)}" data-event="${escape(edges.map(({ event }) => event).join(" "))}"`;
  const inWords = edges.map((edge) => `${source} — ${edgeLabel(edge)} → ${target}`).join("; ");
  const written = labels.map((label) =>
    labelOf(label, activeIds.has(label.edge.source) ? colours.currentLine : colours.label),
  );
  return `<g ${attributes}><title>${escape(inWords)}</title>${line(points, colour, active, dashed)}${dot}${written.join("")}</g>`;
}

function labelOf({ text, at, anchor }: PlacedLabel, colour: string): string {
  const ends = anchor === "end" ? ' text-anchor="end"' : "";
  return `<text x="${n(at[0])}" y="${n(at[1])}"${ends} font-size="${SIZE.labelFont}" fill="${colour}">${escape(text)}</text>`;
}

const ROUNDING = 6;
const HEAD = 7;

/** A line with rounded corners and an arrow head at its end. */
function line(points: readonly Point[], colour: string, heavy: boolean, dashed = ""): string {
  const [x, y] = points.at(-1) as Point;
  const [px, py] = points.at(-2) as Point;
  const [dx, dy] = [Math.sign(x - px), Math.sign(y - py)];
  const back: Point = [x - dx * HEAD, y - dy * HEAD];
  const head = `M${n(x)} ${n(y)}L${n(back[0] - dy * 4)} ${n(back[1] - dx * 4)}L${n(back[0] + dy * 4)} ${n(back[1] + dx * 4)}Z`;
  const way = rounded([...points.slice(0, -1), back]);
  return `<path d="${way}" fill="none" stroke="${colour}" stroke-width="${heavy ? 2 : 1.4}"${dashed}/><path d="${head}" fill="${colour}"/>`;
}

function rounded(points: readonly Point[]): string {
  const [start, ...rest] = points as [Point, ...Point[]];
  let way = `M${n(start[0])} ${n(start[1])}`;
  let before = start;
  for (const [i, at] of rest.entries()) {
    const next = rest[i + 1];
    if (next === undefined) {
      way += `L${n(at[0])} ${n(at[1])}`;
    } else {
      const a = towards(at, before);
      const b = towards(at, next);
      way += `L${n(a[0])} ${n(a[1])}Q${n(at[0])} ${n(at[1])} ${n(b[0])} ${n(b[1])}`;
    }
    before = at;
  }
  return way;
}

/** The point on the way from `at` to `to` where the rounding begins. */
function towards(at: Point, to: Point): Point {
  const distance = Math.abs(to[0] - at[0]) + Math.abs(to[1] - at[1]);
  const part = Math.min(ROUNDING, distance / 2);
  return [at[0] + Math.sign(to[0] - at[0]) * part, at[1] + Math.sign(to[1] - at[1]) * part];
}

/** A coordinate; two decimals, so that every engine writes the same. */
function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
