import type { ReactNode } from "react";
import type { Asked } from "../session/asked.ts";
import type { OpenView } from "../host/views.ts";
import type { Layer } from "../map/layers.ts";
import type { Theme } from "../map/palette.ts";
import type { PageEvent } from "../page/page-machine.ts";
import { Part } from "../page/part.tsx";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer } from "../remote/use-session.ts";

// Planning, and drawing a statechart, are code of their own, which the first picture does without.
const outlookView = async () => (await import("./outlook-view.tsx")).OutlookView;
const startPage = async () => (await import("../lessons/start-page.tsx")).StartPage;
const lessonPanel = async () => (await import("../lessons/lesson-panel.tsx")).LessonPanel;
const details = async () => (await import("./block-details.tsx")).Details;
const transitions = async () => (await import("./block-details.tsx")).Transitions;
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
      {view !== undefined && <Part load={details} name="its files" props={{ view }} />}
      {block !== undefined && (
        <Part load={outlookView} name="the forecast" props={{ session, block, blocked, run, setLayer }} />
      )}
      {block === undefined ? (
        open === undefined && <Part load={startPage} name="the start page" props={{ send }} />
      ) : (
        <Part load={statechart} name="the statechart" props={{ leaf: view?.leaf, theme }} />
      )}
      {view !== undefined && <Part load={transitions} name="its past" props={{ view }} />}
    </aside>
  );
}
