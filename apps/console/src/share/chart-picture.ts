import { lines } from "../panels/chart-lines.ts";
import { paper, type Theme } from "../map/palette.ts";
import type { Series } from "../session/samples.ts";
import { escaped, type Picture, picture } from "./svg.ts";

const WIDTH = 1200;
const HEIGHT = 480;
const LEFT = 70;
const TOP = 40;
const RIGHT = 20;
const BOTTOM = 70;
const MARKS = 5;

/** The machine over its simulated time: steps, since nothing is between two moments. */
export function chartPicture(series: Series, title: string, theme: Theme): Picture {
  const { ink, quiet, line, sheet } = paper[theme];
  const { seconds } = series;
  const [from = 0, to = 1] = [seconds[0], seconds.at(-1)];
  const span = to > from ? to - from : 1;
  const most = Math.max(1, ...lines.map(({ key }) => series[key].reduce((max, value) => Math.max(max, value), 0)));
  const x = (second: number): number => LEFT + ((second - from) / span) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / most) * (HEIGHT - TOP - BOTTOM);
  const across = Array.from({ length: MARKS }, (_, i) => (most * i) / (MARKS - 1)).map(
    (value) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}" stroke="${line}"/><text x="${LEFT - 8}" y="${y(value) + 4}" text-anchor="end" fill="${quiet}">${Math.round(value).toLocaleString("en")}</text>`,
  );
  const down = Array.from({ length: MARKS }, (_, i) => from + (span * i) / (MARKS - 1)).map(
    (second, i) =>
      `<text x="${x(second)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="${i === MARKS - 1 ? "end" : "middle"}" fill="${quiet}">${second.toFixed(3)} s</text>`,
  );
  const drawn = lines.map(({ key, name, colour, dash }, i) => {
    const path = series[key].map(
      (value, at) => `${at === 0 ? "M" : `H${x(seconds[at] ?? 0)}V`}${at === 0 ? `${x(from)} ` : ""}${y(value)}`,
    );
    const stroke = `stroke="${colour[theme]}" stroke-width="2" stroke-dasharray="${dash.join(" ")}"`;
    const key_ = `<line x1="${LEFT + i * 220}" x2="${LEFT + i * 220 + 30}" y1="${HEIGHT - 24}" y2="${HEIGHT - 24}" ${stroke}/><text x="${LEFT + i * 220 + 38}" y="${HEIGHT - 20}" fill="${ink}">${name}</text>`;
    return `<path d="${path.join("")}" fill="none" ${stroke}/>${key_}`;
  });
  const head = `<text x="12" y="22" font-size="14" fill="${ink}">${escaped(title)}</text>`;
  return picture(WIDTH, HEIGHT, sheet, title, head + across.join("") + down.join("") + drawn.join(""));
}
