import { type ReactNode, useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { paper, type Theme } from "../map/palette.ts";
import { useBox } from "../map/use-box.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer, useSession } from "../remote/use-session.ts";
import type { Series } from "../session/samples.ts";
import { lines } from "./chart-lines.ts";
import { countWords, sizeWords } from "../words/size-words.ts";

interface ChartsPanelProps {
  readonly session: RemoteSession;
  readonly theme: Theme;
  /** Of the chosen block, which the charts may be narrowed to. */
  readonly node: number | undefined;
}

/** The machine over its simulated time. A span that is dragged over is summed up, and zooms in; a double click shows all again. */
export function ChartsPanel({ session, theme, node }: ChartsPanelProps): ReactNode {
  const version = useSession(session);
  const [onlyNode, setOnlyNode] = useState(false);
  const shown = onlyNode ? node : undefined;
  const series = useAnswer(() => session.host.series(shown), [session, version, shown]);
  const { element, box } = useBox();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const [span, setSpan] = useState<readonly [number, number] | undefined>();
  useEffect(() => {
    if (place.current === null || box.width === 0) return undefined;
    const { quiet, line } = paper[theme];
    const axis = { stroke: quiet, grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
    const made = new uPlot(
      {
        width: box.width,
        height: Math.max(90, box.height - 30),
        scales: { x: { time: false } },
        axes: [{ ...axis, values: (_self, at) => at.map((value) => `${value.toFixed(2)} s`) }, axis],
        series: [
          { label: "time" },
          ...lines.map(({ name, colour, dash }) => ({ label: name, stroke: colour[theme], width: 2, dash: [...dash] })),
        ],
        hooks: {
          setSelect: [
            (self) => {
              const { left, width } = self.select;
              if (width > 2) setSpan([self.posToVal(left, "x"), self.posToVal(left + width, "x")]);
            },
          ],
        },
        legend: { show: true },
      },
      [[], [], [], []],
      place.current,
    );
    plot.current = made;
    return () => made.destroy();
  }, [box, theme]);
  useEffect(() => {
    if (series === undefined) return;
    plot.current?.setData([[...series.seconds], ...lines.map(({ key }) => [...series[key]])] as uPlot.AlignedData);
  }, [series, box, theme]);
  return (
    <div ref={element} className="charts" role="region" tabIndex={0} aria-label="Charts">
      <div className="row">
        <label className="switch">
          <input
            type="checkbox"
            checked={onlyNode}
            disabled={node === undefined}
            onChange={(event) => setOnlyNode(event.target.checked)}
          />
          {node === undefined ? "only the chosen block's node" : `only node ${node}`}
        </label>
        <p role="status">{series === undefined ? "" : sums(series, span, session.view.pageBytes)}</p>
      </div>
      <div ref={place} onDoubleClick={() => setSpan(undefined)} />
    </div>
  );
}

/** What changed in a span, or how it stands now and what came of it since boot, in a sentence. */
function sums(series: Series, span: readonly [number, number] | undefined, pageBytes: number): string {
  const { seconds } = series;
  const place = (second: number): number =>
    Math.max(
      0,
      seconds.findLastIndex((at) => at <= second),
    );
  const to = span === undefined ? seconds.length - 1 : place(span[1]);
  const before = span === undefined ? -1 : place(span[0]);
  const change = (key: Exclude<keyof Series, "seconds">): number => (series[key][to] ?? 0) - (series[key][before] ?? 0);
  const signed = (value: number): string => `${span !== undefined && value > 0 ? "+" : ""}${countWords(value)}`;
  const free = change("free");
  return [
    span === undefined
      ? `at ${(seconds[to] ?? 0).toFixed(3)} s`
      : `${(seconds[before] ?? 0).toFixed(3)} to ${(seconds[to] ?? 0).toFixed(3)} s`,
    `${signed(change("online"))} online`,
    `${signed(change("movable"))} movable`,
    `${free < 0 ? "−" : span === undefined ? "" : "+"}${sizeWords(Math.abs(free) * pageBytes)} free`,
    `${countWords(change("migrated"))} pages moved`,
    `${countWords(change("refused"))} refused`,
  ].join(" · ");
}
