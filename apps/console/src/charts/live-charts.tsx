import { type ReactNode, useMemo, useState } from "react";
import { type AnyStateMachine, createMachine } from "xstate";
import type { ChartView, ChartViews, WhoView } from "../host/chart-views.ts";
import type { ChosenDevices } from "../host/host-views.ts";
import { IdSet } from "../map/id-set.ts";
import type { Theme } from "../map/palette.ts";
import type { Selection } from "../map/selection.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer } from "../remote/use-session.ts";
import type { BlockColumns } from "../session/block-columns.ts";
import { countWords } from "../words/size-words.ts";
import { timeWords } from "../words/time-words.ts";
import { ChartFigure } from "./chart-figure.tsx";
import "./charts.css";
import { Moves } from "./moves.tsx";

interface LiveChartsProps {
  readonly session: RemoteSession;
  readonly version: number;
  readonly theme: Theme;
  /** The chosen block. */
  readonly block: number | undefined;
  readonly columns: BlockColumns;
  readonly select: (selection: Selection) => void;
}

type Kind = keyof ChartViews;

const kinds: readonly { readonly kind: Kind; readonly title: string; readonly one: string }[] = [
  { kind: "block", title: "Memory block", one: "block" },
  { kind: "memoryDevice", title: "DIMM", one: "memory device" },
  { kind: "container", title: "Container", one: "container" },
  { kind: "virtioMem", title: "virtio-mem", one: "device" },
];

/** The statecharts of all kinds of things side by side, with who is in which state, as the machine moves. */
export function LiveCharts({ session, version, theme, block, columns, select }: LiveChartsProps): ReactNode {
  const [chosen, choose] = useState<ChosenDevices>({});
  const [asked, setAsked] = useState<{ readonly kind: Kind; readonly path: string } | undefined>();
  const definitions = useAnswer(() => session.host.chartDefinitions(), [session]);
  const machines = useMemo(
    () =>
      definitions === undefined
        ? undefined
        : new Map(kinds.map(({ kind }) => [kind, createMachine(JSON.parse(definitions[kind]) as object)])),
    [definitions],
  );
  const views = useAnswer(() => session.host.charts(block, chosen), [session, version, block, chosen]);
  const who = useAnswer(
    async () => (asked === undefined ? undefined : { asked, ...(await session.host.whoIsIn(asked.kind, asked.path)) }),
    [session, version, asked],
  );
  const ask = (kind: Kind, path: string): void => {
    setAsked({ kind, path });
    void session.host.whoIsIn(kind, path).then(
      ({ blocks }) => blocks.length > 0 && select(selectionOf(blocks, columns)),
      () => {},
    );
  };
  if (views === undefined || machines === undefined) return <p className="quiet">Looking…</p>;
  return (
    <div className="live-charts" role="region" tabIndex={0} aria-label="Statecharts of the machine">
      {kinds.map(({ kind, title, one }) => (
        <OneChart
          key={kind}
          {...{ kind, title, one, theme }}
          machine={machines.get(kind) as AnyStateMachine}
          view={views[kind]}
          who={who?.asked.kind === kind ? who : undefined}
          ask={(path) => ask(kind, path)}
          choose={(id) => choose({ ...chosen, [kind]: id })}
          onMap={(blocks) => select(selectionOf(blocks, columns))}
        />
      ))}
    </div>
  );
}

function selectionOf(blocks: Int32Array, columns: BlockColumns): Selection {
  return { blocks: new IdSet(blocks, columns), anchor: blocks[0], cursor: blocks[0] };
}

interface OneChartProps {
  readonly kind: Kind;
  readonly title: string;
  readonly one: string;
  readonly machine: AnyStateMachine;
  readonly theme: Theme;
  readonly view: ChartView;
  readonly who: (WhoView & { readonly asked: { readonly path: string } }) | undefined;
  readonly ask: (path: string) => void;
  readonly choose: (id: string) => void;
  readonly onMap: (blocks: Int32Array) => void;
}

function OneChart({ kind, title, one, machine, theme, view, who, ask, choose, onMap }: OneChartProps): ReactNode {
  const { counts, instances, chosen } = view;
  const now = useMemo(
    () => ({ counts: new Map(counts), current: chosen?.state, walked: chosen?.moves ?? [] }),
    [counts, chosen],
  );
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  return (
    <ChartFigure
      title={title}
      about={all === 0 ? `no ${one} in this machine` : `${countWords(all)} ${one}${all === 1 ? "" : "s"}`}
      {...{ machine, theme, now }}
      choose={ask}
    >
      {kind === "block" && chosen === undefined && (
        <p className="instance quiet">Choose a block on the map: here stands how it came where it is.</p>
      )}
      {kind !== "block" && chosen !== undefined && (
        <label className="instance">
          shown
          <select value={chosen.id} onChange={(event) => choose(event.target.value)}>
            {instances.map(({ id, name, state }) => (
              <option key={id} value={id}>{`${name}: ${state}`}</option>
            ))}
          </select>
        </label>
      )}
      {chosen !== undefined && (
        <Moves
          name={chosen.name}
          moves={chosen.moves.map(({ atNs, ...move }) => ({ ...move, at: timeWords(atNs) }))}
          before={chosen.dropped === 0 ? "" : "Older steps are kept no more."}
        />
      )}
      {who !== undefined && (
        <p className="instance who" role="status">
          <span>
            <b>{who.asked.path}</b>
            {`: ${who.count === 0 ? "nobody is in it now." : `${countWords(who.count)}: ${who.who}`}`}
          </span>
          {who.blocks.length > 0 && (
            <button type="button" onClick={() => onMap(who.blocks)}>
              On the map
            </button>
          )}
        </p>
      )}
    </ChartFigure>
  );
}
