import { COLOURS, type Colours, type SvgTheme } from "../svg/theme.ts";
import { fitMono } from "../svg/text-width.ts";

/** One who speaks or is spoken to. */
export interface SequenceLane {
  readonly id: string;
  readonly title: string;
}

/** Something that one lane says to another, or to itself. */
export interface SequenceMessage {
  /** Ids of lanes. */
  readonly from: string;
  readonly to: string;
  /** When, as the reader shall see it; said once where several are at the same moment. */
  readonly at: string;
  readonly text: string;
  /** What is left out of the text; shown where somebody points. */
  readonly details?: string;
  /** It went wrong: drawn so that it is seen without colours, too. */
  readonly isTrouble?: boolean;
}

/** Who says what to whom, in order. */
export interface Sequence {
  readonly title: string;
  readonly lanes: readonly SequenceLane[];
  readonly messages: readonly SequenceMessage[];
  /** Messages behind the last that are not shown. */
  readonly more?: number;
}

/** How a sequence is drawn. */
export interface SequenceOptions {
  readonly theme?: SvgTheme;
  /** Begins the ids in the picture; needed where a page shows two. */
  readonly idPrefix?: string;
}

const MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";
const TIME_WIDTH = 96;
const LANE_WIDTH = 216;
const HEAD = 44;
const ROW = 30;
const FOOT = 16;
/** Width of a character of a message; pixels. */
const CHAR = 6.7;

/**
 * A sequence as an SVG document: a lane for each, time downwards. The same sequence gives the same bytes.
 * @throws RangeError where a message names a lane that there is not.
 */
export function sequenceSvg(
  sequence: Sequence,
  { theme = "light", idPrefix = "sequence" }: SequenceOptions = {},
): string {
  const { title, lanes, messages, more = 0 } = sequence;
  const colours = COLOURS[theme];
  const places = new Map(lanes.map(({ id }, i) => [id, TIME_WIDTH + (i + 0.5) * LANE_WIDTH]));
  const xOf = (id: string): number => {
    const x = places.get(id);
    if (x === undefined)
      throw new RangeError(`no lane ${JSON.stringify(id)} (there are: ${[...places.keys()].join(", ")})`);
    return x;
  };
  const width = TIME_WIDTH + lanes.length * LANE_WIDTH;
  const height = HEAD + (messages.length + (more > 0 ? 1 : 0)) * ROW + FOOT;
  const words = messages.map(({ from, to, at, text }) => `${at}: ${from} to ${to}: ${text}.`).join(" ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${MONO}" font-size="11" role="img" aria-labelledby="${escape(idPrefix)}-title ${escape(idPrefix)}-desc">`,
    `<title id="${escape(idPrefix)}-title">${escape(title)}</title>`,
    `<desc id="${escape(idPrefix)}-desc">${escape(words)}</desc>`,
    `<rect width="${width}" height="${height}" fill="${colours.sheet}"/>`,
    ...lanes.map((lane) => laneOf(lane, xOf(lane.id), height, colours)),
    ...messages.map((message, i) => {
      const y = HEAD + (i + 1) * ROW;
      const isLater = message.at !== messages[i - 1]?.at;
      return messageOf(message, xOf(message.from), xOf(message.to), y, isLater, colours, width);
    }),
    ...(more > 0
      ? [
          `<text x="${TIME_WIDTH}" y="${HEAD + (messages.length + 1) * ROW}" fill="${colours.text}">and ${more} more</text>`,
        ]
      : []),
    "</svg>",
    "",
  ].join("\n");
}

function laneOf({ title }: SequenceLane, x: number, height: number, colours: Colours): string {
  const box = LANE_WIDTH - 20;
  return [
    `<path d="M${x} ${HEAD - 10}V${height - 6}" stroke="${colours.frameLine}" stroke-dasharray="2 4"/>`,
    `<rect x="${x - box / 2}" y="8" width="${box}" height="26" rx="6" fill="${colours.state}" stroke="${colours.stateLine}"/>`,
    `<text x="${x}" y="25" text-anchor="middle" font-size="12" font-weight="600" fill="${colours.name}">${escape(title)}</text>`,
  ].join("");
}

function messageOf(
  { at, text, details, isTrouble = false }: SequenceMessage,
  from: number,
  to: number,
  y: number,
  isLater: boolean,
  colours: Colours,
  width: number,
): string {
  const line = isTrouble ? colours.currentLine : colours.line;
  const label = isTrouble ? colours.currentLine : colours.label;
  const time = isLater ? `<text x="8" y="${y}" fill="${colours.text}">${escape(at)}</text>` : "";
  const title = `<title>${escape(details ?? text)}</title>`;
  const shown = isTrouble ? `✕ ${text}` : text;
  if (from === to) {
    const room = Math.floor((Math.min(width - from, LANE_WIDTH) - 24) / CHAR);
    return `<g>${title}${time}<circle cx="${from}" cy="${y - 4}" r="3.5" fill="${line}"/><text x="${from + 10}" y="${y}" fill="${label}">${escape(fitMono(shown, room))}</text></g>`;
  }
  const way = Math.sign(to - from);
  const room = Math.floor((Math.abs(to - from) - 14) / CHAR);
  const head = `M${to} ${y}L${to - way * 8} ${y - 4}L${to - way * 8} ${y + 4}Z`;
  return `<g>${title}${time}<path d="M${from} ${y}H${to - way * 7}" stroke="${line}" stroke-width="${isTrouble ? 2 : 1.4}"/><path d="${head}" fill="${line}"/><text x="${(from + to) / 2}" y="${y - 5}" text-anchor="middle" fill="${label}">${escape(fitMono(shown, room))}</text></g>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
