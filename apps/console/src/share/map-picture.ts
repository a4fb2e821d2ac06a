import { BlockState } from "@memhp/engine";
import { fitLayout, type PlacedSegment } from "../map/layout.ts";
import { lookOf, paper, stateNames, type Theme, zoneLooks } from "../map/palette.ts";
import type { BlockColumns } from "../session/block-columns.ts";
import { isOnline } from "../session/online-count.ts";
import { escaped, type Picture, picture } from "./svg.ts";

const WIDTH = 1600;
const HEIGHT = 1000;
const LEGEND = 40;
const HEAD = 28;

/** Every block of a machine as one picture: colour tells the zone, hatching what is not online, a dark corner kernel pages. */
export function mapPicture(columns: BlockColumns, title: string, theme: Theme): Picture {
  const { ink, quiet, line, sheet } = paper[theme];
  const layout = fitLayout(columns, WIDTH, HEIGHT);
  const nodes = layout.nodes.map(({ node, x, y }) =>
    layout.size.heads.node === 0
      ? ""
      : `<text x="${x}" y="${y + 13}" font-weight="bold" fill="${ink}">node ${node}</text>`,
  );
  const segments = layout.segments.map(
    (placed) =>
      segmentHead(placed, columns, quiet, layout.size.heads.segment) +
      squares(placed, columns, layout.cell, layout.per, theme),
  );
  const used = new Set(columns.zone);
  const looks = zoneLooks.filter(({ zone }) => used.has(zone));
  const bottom = Math.max(layout.height, 60) + HEAD;
  const legend = [
    ...looks.map(({ name, colour }) => [name, colour[theme], 1] as const),
    ["not online", quiet, OFFLINE] as const,
  ].map(
    ([name, colour, opacity], i) =>
      `<rect x="${12 + i * 150}" y="${bottom + 14}" width="12" height="12" fill="${colour}" fill-opacity="${opacity}" stroke="${colour}"/><text x="${30 + i * 150}" y="${bottom + 24}" fill="${ink}">${name}</text>`,
  );
  const hatch = `<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="1.5" height="6" fill="${ink}" fill-opacity="0.45"/></pattern></defs>`;
  const head = `<text x="12" y="18" font-size="14" fill="${ink}">${escaped(title)}</text><line x1="0" y1="${HEAD - 2}" x2="${WIDTH}" y2="${HEAD - 2}" stroke="${line}"/>`;
  const content = `${hatch}${head}<g transform="translate(0 ${HEAD})">${nodes.join("")}${segments.join("")}</g>${legend.join("")}`;
  return picture(WIDTH, bottom + LEGEND, sheet, title, content);
}

const OFFLINE = 0.25;

function segmentHead({ segment, x, y }: PlacedSegment, { ids }: BlockColumns, quiet: string, room: number): string {
  if (room === 0) return "";
  const [first, last] = [ids[segment.start], ids[segment.end - 1]];
  return `<text x="${x}" y="${y - 4}" font-size="10" fill="${quiet}">${escaped(segment.label)} ${first}–${last}</text>`;
}

/** Neighbours that look alike are one shape; where a square is large enough each has a border of its own. */
function squares(placed: PlacedSegment, columns: BlockColumns, cell: number, per: number, theme: Theme): string {
  const { segment, x, y, columns: wide } = placed;
  const looks = (square: number): string => {
    const at = segment.start + square * per;
    return `${columns.zone[at]} ${columns.state[at]} ${columns.unmovable[at]}`;
  };
  const count = Math.ceil((segment.end - segment.start) / per);
  const gap = cell > 4 ? 1 : 0;
  let shapes = "";
  for (let square = 0; square < count;) {
    const row = Math.floor(square / wide);
    let end = square + 1;
    const most = cell < 8 ? Math.min(count, (row + 1) * wide) : end;
    while (end < most && looks(end) === looks(square)) end += 1;
    const at = segment.start + square * per;
    const state = columns.state[at] ?? BlockState.offline;
    const isLit = isOnline(state);
    const colour = lookOf(columns.zone[at] ?? 0).colour[theme];
    const place = `x="${x + (square - row * wide) * cell}" y="${y + row * cell}" width="${(end - square) * cell - gap}" height="${cell - gap}"`;
    const name = `memory${columns.ids[at]} ${stateNames[state] ?? ""}`;
    const told = cell < 8 ? "" : `<title>${name}</title>`;
    shapes += `<rect ${place} fill="${colour}" fill-opacity="${isLit ? 1 : OFFLINE}">${told}</rect>`;
    if (!isLit) shapes += `<rect ${place} fill="url(#hatch)"/>`;
    // Nothing is told by colour alone.
    if (cell >= 22) {
      const look = lookOf(columns.zone[at] ?? 0);
      const [middle, line] = [x + (square - row * wide + 0.5) * cell, y + (row + 0.5) * cell + 4];
      const fill = isLit ? look.ink[theme] : paper[theme].ink;
      shapes += `<text x="${middle}" y="${line}" text-anchor="middle" font-size="10" fill="${fill}">${look.letter}</text>`;
    }
    if (columns.unmovable[at] === 1 && cell >= 8) {
      const [right, below] = [x + (square - row * wide + 1) * cell - gap, y + (row + 1) * cell - gap];
      shapes += `<path d="M${right} ${below - cell / 3}V${below}H${right - cell / 3}Z" fill="${paper[theme].sheet}"/>`;
    }
    square = end;
  }
  return shapes;
}
