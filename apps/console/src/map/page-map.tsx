import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { PageRunView, PagesView, PageUse } from "../host/page-views.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer } from "../remote/use-session.ts";
import { countWords } from "../words/size-words.ts";
import { paper, type Theme } from "./palette.ts";
import { useBox } from "./use-box.ts";
import "./page-map.css";

interface PageMapProps {
  readonly session: RemoteSession;
  readonly block: number;
  readonly theme: Theme;
  readonly leave: () => void;
}

/** How each use looks: a colour of Okabe and Ito's, and a letter, so that nothing is told by colour alone. */
const uses: Readonly<Record<PageUse, { readonly colour: string; readonly letter: string; readonly words: string }>> = {
  free: { colour: "#56b4e9", letter: "·", words: "free" },
  movable: { colour: "#009e73", letter: "m", words: "can move" },
  pinned: { colour: "#d55e00", letter: "P", words: "pinned: cannot move while somebody holds it" },
  kernel: { colour: "#0b0f14", letter: "K", words: "the kernel's own: cannot move" },
  hugetlb: { colour: "#e69f00", letter: "H", words: "hugepages" },
  poisoned: { colour: "#cc79a7", letter: "!", words: "hardware error" },
  away: { colour: "#8a95a5", letter: "–", words: "not online, or no memory" },
};
const order = Object.keys(uses) as PageUse[];

/** A block from inside: each pageblock a square, filled by what its pages are used for; and the pages of the one chosen. */
export function PageMap({ session, block, theme, leave }: PageMapProps): ReactNode {
  const view = useAnswer(() => session.host.pages(block), [session, session.partsVersion, block]);
  const [picked, setChosen] = useState<number | undefined>();
  const lit = useMemo(() => offending(view), [view]);
  // What a refusal named is looked at first.
  const chosen = picked ?? [...lit.keys()][0] ?? 0;
  const { element, box } = useBox();
  const canvas = useRef<HTMLCanvasElement>(null);
  const small = useRef<HTMLCanvasElement>(null);
  const counted = useMemo(() => (view === undefined ? [] : countPageblocks(view)), [view]);
  const columns = Math.max(1, Math.ceil(Math.sqrt((counted.length * box.width) / Math.max(1, box.height))));
  const rows = Math.max(1, Math.ceil(counted.length / columns));
  const cell = Math.max(3, Math.min(64, Math.floor(Math.min(box.width / columns, box.height / rows))));
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context === null || context === undefined || view === undefined) return;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.fillStyle = paper[theme].sheet;
    context.fillRect(0, 0, box.width, box.height);
    for (const [i, counts] of counted.entries()) {
      const [x, y] = [(i % columns) * cell, Math.floor(i / columns) * cell];
      paintShares(context, counts, x, y, cell - 1);
      if (lit.has(i)) outline(context, x + 1, y + 1, cell - 3, paper[theme].alarm, [4, 2]);
      if (i === chosen) outline(context, x, y, cell - 1, paper[theme].accent, []);
    }
  });
  const runs = useMemo(() => (view === undefined ? [] : runsIn(view, chosen)), [view, chosen]);
  useEffect(() => {
    const context = small.current?.getContext("2d");
    if (context === null || context === undefined || view === undefined) return;
    paintPages(context, runs, view.pageblock, lit.get(chosen) ?? [], theme);
  });
  const at = (event: PointerEvent): void => {
    const bounds = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    const [column, row] = [
      Math.floor((event.clientX - bounds.x) / cell),
      Math.floor((event.clientY - bounds.y) / cell),
    ];
    if (column < columns && row * columns + column < counted.length) setChosen(row * columns + column);
  };
  const press = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (by !== undefined) setChosen(Math.max(0, Math.min(counted.length - 1, chosen + by)));
    else if (event.key === "Backspace" || event.key === "Escape" || event.key === "-") leave();
    else return;
    event.preventDefault();
  };
  if (view === undefined) return <p className="quiet before">Looking at the pages…</p>;
  const first = view.firstPfn + chosen * view.pageblock;
  return (
    <div className="pages">
      <div
        ref={element}
        className="pageblocks"
        id="map"
        role="application"
        tabIndex={0}
        aria-label={`Pageblocks of memory${block}`}
        aria-roledescription="map of pageblocks"
        onKeyDown={press}
        onPointerDown={at}
      >
        <canvas
          ref={canvas}
          aria-hidden="true"
          width={Math.round(box.width * devicePixelRatio)}
          height={Math.round(box.height * devicePixelRatio)}
          style={{ width: box.width, height: box.height }}
        />
      </div>
      <section className="pageblock" aria-label={`Pageblock ${chosen}`} tabIndex={0}>
        {lit.size > 0 && (
          <p role="status">{`The last refusal named pages in ${lit.size === 1 ? "one pageblock" : `${lit.size} pageblocks`}, framed with dashes.`}</p>
        )}
        <h2>{`Pageblock ${chosen} of ${counted.length}, pfn 0x${first.toString(16)}`}</h2>
        <canvas ref={small} aria-hidden="true" width={256} height={Math.ceil(view.pageblock / 32) * 8} />
        <ul>
          {runs.slice(0, 40).map((run) => (
            <li key={run.from}>
              <b>{uses[run.use].letter}</b> {runWords(run)}
              {lit.get(chosen)?.some((page) => page >= run.from && page < run.from + run.count) === true && (
                <strong> in the way</strong>
              )}
            </li>
          ))}
          {runs.length > 40 && <li>{`and ${countWords(runs.length - 40)} more runs`}</li>}
        </ul>
        {view.isCut && <p className="quiet">There are more runs of pages than are shown.</p>}
        <ul className="legend" aria-label="Legend of pages">
          {order.map((use) => (
            <li key={use}>
              <b>{uses[use].letter}</b> {uses[use].words}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

/** Pages that a refusal named, by pageblock and counted from its first. */
function offending(view: PagesView | undefined): ReadonlyMap<number, readonly number[]> {
  const lit = new Map<number, number[]>();
  if (view === undefined) return lit;
  for (const page of view.offenders) {
    const at = Math.floor(page / view.pageblock);
    lit.set(at, [...(lit.get(at) ?? []), page % view.pageblock]);
  }
  return lit;
}

function outline(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  size: number,
  colour: string,
  dash: number[],
): void {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.setLineDash(dash);
  context.strokeRect(x, y, size, size);
  context.setLineDash([]);
}

function runWords({ count, kind, owner, pins }: PageRunView): string {
  const whose = owner === undefined ? "" : ` of ${owner}`;
  const held = pins === 0 ? "" : `, held by ${pins} more`;
  return `${countWords(count)} ${kind.replaceAll("_", " ")}${whose}${held}`;
}

type Counts = Readonly<Record<PageUse, number>>;

/** Pages of each use in every pageblock. */
function countPageblocks({ pages, pageblock, runs }: PagesView): Counts[] {
  const counted = Array.from({ length: Math.ceil(pages / pageblock) }, () => ({
    free: 0,
    movable: 0,
    pinned: 0,
    kernel: 0,
    hugetlb: 0,
    poisoned: 0,
    away: 0,
  }));
  for (const { from, count, use } of runs)
    for (let page = from; page < from + count;) {
      const at = Math.floor(page / pageblock);
      const end = Math.min(from + count, (at + 1) * pageblock);
      const counts = counted[at];
      if (counts !== undefined) counts[use] += end - page;
      page = end;
    }
  return counted;
}

function paintShares(context: CanvasRenderingContext2D, counts: Counts, x: number, y: number, size: number): void {
  const total = order.reduce((sum, use) => sum + counts[use], 0);
  let from = y;
  for (const use of order) {
    // One page that cannot move holds the whole block, so it is always seen.
    const part = counts[use] === 0 ? 0 : Math.max(use === "free" ? 0 : 1, (size * counts[use]) / Math.max(1, total));
    context.fillStyle = uses[use].colour;
    context.fillRect(x, from, size, Math.min(part, y + size - from));
    from += part;
  }
}

/** The runs of one pageblock, cut to it. */
function runsIn({ pageblock, runs }: PagesView, chosen: number): PageRunView[] {
  const [start, end] = [chosen * pageblock, (chosen + 1) * pageblock];
  return runs
    .filter(({ from, count }) => from < end && from + count > start)
    .map((run) => {
      const from = Math.max(run.from, start);
      return { ...run, from: from - start, count: Math.min(run.from + run.count, end) - from };
    });
}

function paintPages(
  context: CanvasRenderingContext2D,
  runs: readonly PageRunView[],
  pages: number,
  lit: readonly number[],
  theme: Theme,
): void {
  const side = 8;
  context.fillStyle = paper[theme].sheet;
  context.fillRect(0, 0, 32 * side, Math.ceil(pages / 32) * side);
  for (const { from, count, use } of runs)
    for (let page = from; page < from + count; page++) {
      context.fillStyle = uses[use].colour;
      context.fillRect((page % 32) * side, Math.floor(page / 32) * side, side - 1, side - 1);
    }
  for (const page of lit)
    outline(context, (page % 32) * side, Math.floor(page / 32) * side, side - 1, paper[theme].alarm, []);
}
