import { type ReactNode, useState, useSyncExternalStore } from "react";
import { ChartFigure } from "../charts/chart-figure.tsx";
import { Moves } from "../charts/moves.tsx";
import { type ThemeChoice, themeChoices, useTheme } from "../page/theme.ts";
import { countWords } from "../words/size-words.ts";
import type { FeedState, InspectorFeed } from "./feed.ts";
import type { InspectedOne } from "./inspected.ts";

const stateWords: Readonly<Record<FeedState, string>> = {
  connecting: "connecting…",
  live: "live",
  ended: "the run has let go of the page: this is the last that it told",
};

/** Actors that a list shows; the rest is counted. */
const MOST_LISTED = 200;

/** The statecharts of a running memhp, side by side, with the actors that it shows one by one. */
export function InspectorView({ feed }: { readonly feed: InspectorFeed }): ReactNode {
  useSyncExternalStore(feed.subscribe, feed.version);
  const { theme, choice, choose: chooseTheme } = useTheme();
  const { inspected } = feed;
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map());
  const [within, setWithin] = useState<{ readonly kind: string; readonly path: string } | undefined>();
  const all = [...inspected.ones.values()];
  const choose = (one: InspectedOne): void => setChosen(new Map([...chosen, [one.kind, one.id]]));
  const shown =
    within === undefined
      ? all
      : all.filter(
          ({ kind, state }) => kind === within.kind && (state === within.path || state.startsWith(`${within.path}.`)),
        );
  return (
    <div className="inspector">
      <header className="top">
        <h1>
          memhp <span>inspector</span>
        </h1>
        <span role="status">{stateWords[feed.state]}</span>
        <span className="quiet">{`${countWords(inspected.messages)} messages`}</span>
        <a href="./stately">Stately&rsquo;s inspector (from the internet)</a>
        <label className="theme">
          Theme
          <select value={choice} onChange={(event) => chooseTheme(event.target.value as ThemeChoice)}>
            {themeChoices.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </header>
      <nav className="actors" aria-label="Actors">
        <h2>
          Actors <small>{countWords(shown.length)}</small>
        </h2>
        {within !== undefined && (
          <button type="button" onClick={() => setWithin(undefined)}>
            {`in ${within.path} — show all`}
          </button>
        )}
        <ul>
          {shown.slice(0, MOST_LISTED).map((one) => (
            <li key={one.id}>
              <button type="button" aria-pressed={chosen.get(one.kind) === one.id} onClick={() => choose(one)}>
                <b>{one.name}</b> <span>{one.status === "active" ? one.state : `${one.state}, ${one.status}`}</span>
              </button>
            </li>
          ))}
        </ul>
        {shown.length > MOST_LISTED && <p className="quiet">{`and ${shown.length - MOST_LISTED} more`}</p>}
        {inspected.counted.size > 0 && (
          <>
            <h2>Counted</h2>
            <dl className="counted">
              {[...inspected.counted].map(([id, { name, counts }]) => (
                <div key={id}>
                  <dt>{name}</dt>
                  <dd>
                    {Object.entries(counts)
                      .map(([state, count]) => `${countWords(count)} ${state}`)
                      .join(", ") || "none"}
                  </dd>
                </div>
              ))}
            </dl>
          </>
        )}
      </nav>
      <main className="figures" aria-label="Statecharts">
        {inspected.machines.size === 0 && <p className="quiet">No actor was told of yet.</p>}
        {[...inspected.machines].map(([kind, machine]) => {
          const own = all.filter((one) => one.kind === kind);
          const one = inspected.ones.get(chosen.get(kind) ?? "") ?? own[0];
          const now = { counts: inspected.countsOf(kind), current: one?.state, walked: one?.moves ?? [] };
          return (
            <ChartFigure
              key={kind}
              title={kind}
              about={machine.root.description ?? ""}
              machine={machine}
              theme={theme}
              now={now}
              choose={(path) => setWithin({ kind, path })}
            >
              {one !== undefined && (
                <label className="instance">
                  shown
                  <select
                    value={one.id}
                    onChange={(event) => setChosen(new Map([...chosen, [kind, event.target.value]]))}
                  >
                    {own.slice(0, MOST_LISTED).map(({ id, name }) => (
                      <option key={id} value={id}>
                        {name}
                      </option>
                    ))}
                  </select>
                </label>
              )}
              <Moves
                name={one?.name ?? kind}
                moves={one?.moves.map(({ number, ...move }) => ({ ...move, at: `#${number}` })) ?? []}
              />
              {one !== undefined && (
                <details className="context">
                  <summary>context</summary>
                  <pre tabIndex={0}>{JSON.stringify(one.context, undefined, 2)}</pre>
                </details>
              )}
            </ChartFigure>
          );
        })}
      </main>
    </div>
  );
}
