import type { ReactNode } from "react";
import type { Asked } from "../session/asked.ts";
import type { BlockView, OpenView } from "../host/views.ts";
import type { Layer } from "../map/layers.ts";
import type { Theme } from "../map/palette.ts";
import type { PageEvent } from "../page/page-machine.ts";
import { Part } from "../page/part.tsx";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer } from "../remote/use-session.ts";
import { countWords } from "../words/size-words.ts";
import { timeWords } from "../words/time-words.ts";
import { Reason } from "./answer-view.tsx";

// Planning, and drawing a statechart, are code of their own, which the first picture does without.
const outlookView = async () => (await import("./outlook-view.tsx")).OutlookView;
const startPage = async () => (await import("../lessons/start-page.tsx")).StartPage;
const lessonPanel = async () => (await import("../lessons/lesson-panel.tsx")).LessonPanel;
const statechart = async () => (await import("./statechart.tsx")).Statechart;

interface BlockPanelProps {
  readonly session: RemoteSession;
  readonly version: number;
  readonly block: number | undefined;
  readonly theme: Theme;
  readonly blocked: boolean;
  readonly run: (command: Asked) => void;
  /** Shows something on the map, over what the blocks are. */
  readonly setLayer: (layer: Layer | undefined) => void;
  readonly open: OpenView | undefined;
  readonly send: (event: PageEvent) => void;
}

/** The chosen block: its files, its statechart with the state it is in, how it came there. */
export function BlockPanel({
  session,
  version,
  block,
  open,
  theme,
  blocked,
  run,
  send,
  setLayer,
}: BlockPanelProps): ReactNode {
  const answered = useAnswer(
    async () => (block === undefined ? undefined : session.host.block(block)),
    [session, version, block],
  );
  const view = answered?.block === block ? answered : undefined;
  return (
    <aside className="block" id="block" tabIndex={-1} aria-label="Chosen block">
      {open !== undefined && <Part load={lessonPanel} name="the lesson" props={{ open, blocked, send }} />}
      {block !== undefined && <h2>{`memory${block}`}</h2>}
      {view !== undefined && <Details view={view} />}
      {block !== undefined && (
        <Part load={outlookView} name="the forecast" props={{ session, block, blocked, run, setLayer }} />
      )}
      {block === undefined ? (
        open === undefined && <Part load={startPage} name="the start page" props={{ send }} />
      ) : (
        <Part load={statechart} name="the statechart" props={{ leaf: view?.leaf, theme }} />
      )}
      {view !== undefined && <Transitions view={view} />}
    </aside>
  );
}

function Details({ view: { words, files, refusal } }: { readonly view: BlockView }): ReactNode {
  return (
    <>
      <p className="quiet">{words.split(" · ").slice(1, 3).join(" · ")}</p>
      <dl className="files">
        {files.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text || "–"}</dd>
          </div>
        ))}
      </dl>
      {refusal !== undefined && (
        <details className="last-refusal">
          <summary>
            Last refusal: {String(refusal.refusal.errno)} <code>{refusal.refusal.code}</code>
          </summary>
          <Reason group={refusal} />
        </details>
      )}
    </>
  );
}

function Transitions({ view: { transitions, dropped } }: { readonly view: BlockView }): ReactNode {
  return (
    <section>
      <h3>Last transitions</h3>
      {transitions.length === 0 ? (
        <p className="quiet">
          {dropped === 0
            ? "None since boot."
            : `None among the events that are kept; the oldest ${countWords(dropped)} were let go.`}
        </p>
      ) : (
        <ol className="transitions" aria-label="Last transitions">
          {transitions.map(({ atNs, from, to }, i) => (
            <li key={`${atNs} ${from} ${to}`}>
              <span>{timeWords(atNs)}</span> {i === transitions.length - 1 && <span>{from} → </span>}
              <b>{to}</b>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
