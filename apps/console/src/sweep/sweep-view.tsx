import { readStoredSweep, summarise, SweepError, type SweepSummary } from "@memhp/sweep";
import { type ChartKind, chartData, chartKinds, chartSvg } from "@memhp/sweep/chart";
import { type ReactNode, useMemo, useState } from "react";
import "./sweep.css";
import { GroupTable, groupsShown } from "./group-table.tsx";

interface SweepViewProps {
  readonly source: string;
  /** Of a file of results; a half last line is left out. */
  readonly text: string;
  readonly isRunning?: boolean;
  /** Why a running sweep is not followed any more. */
  readonly lost?: string | undefined;
}

type Read =
  | {
      readonly summary: SweepSummary;
      readonly kinds: (measure: string) => readonly ChartKind[];
      readonly svg: (measure: string, kind: ChartKind | undefined) => string;
    }
  | { readonly problem: string };

function read(text: string, source: string): Read {
  try {
    const { sweep, results } = readStoredSweep(text, source);
    const summary = summarise(sweep, results);
    return {
      summary,
      kinds: () => chartKinds(summary),
      svg: (measure, kind) => chartSvg(chartData(summary, results, measure, kind), measure),
    };
  } catch (error) {
    if (error instanceof SweepError) return { problem: error.message };
    throw error;
  }
}

/** What the runs of a sweep came to: how many are done, pictures, a table, the runs at the ends. */
export function SweepView({ source, text, isRunning = false, lost }: SweepViewProps): ReactNode {
  const told = useMemo(() => read(text, source), [text, source]);
  const [chosen, setChosen] = useState<string | undefined>();
  const [kind, setKind] = useState<ChartKind | undefined>();
  if ("problem" in told) return <p role="alert">{told.problem}</p>;
  const { summary, kinds, svg } = told;
  const drawable = Object.keys(summary.measures).filter((name) => summary.measures[name]?.numbers !== undefined);
  const measure = chosen !== undefined && drawable.includes(chosen) ? chosen : drawable[0];
  const possible = measure === undefined ? [] : kinds(measure);
  const shown = kind !== undefined && possible.includes(kind) ? kind : possible[0];
  return (
    <section className="sweep" aria-label="Sweep">
      <h1>{summary.question ?? summary.name}</h1>
      <Progress summary={summary} isRunning={isRunning} lost={lost} />
      {measure === undefined ? (
        <p className="quiet">No run has a number yet, and so nothing can be drawn.</p>
      ) : (
        <>
          <div className="row">
            <label>
              Measure{" "}
              <select value={measure} onChange={(event) => setChosen(event.target.value)}>
                {drawable.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </label>
            <span className="kinds" role="group" aria-label="Picture">
              {possible.map((each) => (
                <button key={each} type="button" aria-pressed={each === shown} onClick={() => setKind(each)}>
                  {words[each]}
                </button>
              ))}
            </span>
          </div>
          {/* The same text that memhp sweep --chart writes: names in it are escaped there. */}
          <figure
            className="sweep-chart"
            tabIndex={0}
            aria-label={`${words[shown ?? "distribution"]} of ${measure}`}
            dangerouslySetInnerHTML={{ __html: svg(measure, shown) }}
          />
          <Extremes summary={summary} measure={measure} />
        </>
      )}
      <GroupTable groups={groupsShown(summary)} measures={Object.keys(summary.measures)} />
    </section>
  );
}

const words: Readonly<Record<ChartKind, string>> = {
  curves: "Curves",
  heatmap: "Heat map",
  distribution: "Distribution",
};

interface ProgressProps {
  readonly summary: SweepSummary;
  readonly isRunning: boolean;
  readonly lost: string | undefined;
}

function Progress({ summary: { runs, done, failed, stopped }, isRunning, lost }: ProgressProps): ReactNode {
  const bad = failed === 0 ? "" : `, ${failed} failed`;
  const ended = stopped === undefined ? "" : `; that was enough: ${stopped}`;
  return (
    <p className="sweep-progress" role="status">
      <progress max={runs} value={done} aria-label="Runs that have ended" />
      <span>
        {`${done} of ${runs} runs${bad}${ended}`}
        {isRunning && ", under way"}
        {lost !== undefined && ` (not followed any more: ${lost})`}
      </span>
    </p>
  );
}

/** Each can be run again alone: memhp sweep FILE --scenario RUN. */
function Extremes({ summary, measure }: { readonly summary: SweepSummary; readonly measure: string }): ReactNode {
  const ends = summary.extremes[measure];
  if (ends === undefined || ends.least.run === ends.most.run) return null;
  return (
    <p className="quiet">
      {`Least in run ${ends.least.run} (seed ${ends.least.seed}), most in run ${ends.most.run} (seed ${ends.most.seed}); memhp sweep FILE --scenario ${ends.most.run} prints the scenario of one.`}
    </p>
  );
}
