import { type ReactNode, useEffect, useMemo, useState } from "react";
import type { OpenView } from "../host/views.ts";
import { type Layer, layerOf } from "../map/layers.ts";
import { segmentAt } from "../map/block-words.ts";
import { MapView } from "../map/map-view.tsx";
import type { Theme } from "../map/palette.ts";
import { choose, nothing, type Selection, surviving } from "../map/selection.ts";
import { ActionBar } from "../panels/action-bar.tsx";
import { AnswerView } from "../panels/answer-view.tsx";
import { BlockLine } from "../panels/block-line.tsx";
import { BlockPanel } from "../panels/block-panel.tsx";
import { Tabs } from "../panels/tabs.tsx";
import { TimeStrip } from "../panels/time-strip.tsx";
import { followed } from "../remote/followed.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useSession } from "../remote/use-session.ts";
import { BlockState } from "@memhp/engine";
import { RefusalHelpContext } from "../panels/refusal-help.ts";
import type { BlockColumns } from "../session/block-columns.ts";
import type { RemedyPlace } from "../words/remedy-commands.ts";
import { type Answer, errorAnswer } from "../session/answer.ts";
import type { PageEvent } from "./page-machine.ts";
import { Splitter } from "./splitter.tsx";
import { Boundary, Part } from "./part.tsx";

interface WorkbenchProps {
  readonly session: RemoteSession;
  readonly open: OpenView | undefined;
  /** A step that would drop so many things done by hand. */
  readonly asksFor: number | undefined;
  readonly byHand: number;
  readonly answer: Answer | undefined;
  readonly busy: boolean;
  readonly blocked: boolean;
  readonly theme: Theme;
  readonly send: (event: PageEvent) => void;
}

// Only needed once a document is open.
const stepsPanel = async () => (await import("../panels/steps-panel.tsx")).StepsPanel;

const eventList = async () => (await import("./side.tsx")).EventList;
// Most of what is done is done at once.
const goingOn = async () => (await import("../panels/going-on.tsx")).GoingOn;
const hostPanel = async () => (await import("../panels/host-panel.tsx")).HostPanel;
const chartsPanel = async () => (await import("../panels/charts-panel.tsx")).ChartsPanel;
const liveCharts = async () => (await import("../charts/live-charts.tsx")).LiveCharts;
const terminalPanel = async () => (await import("../terminal/terminal-panel.tsx")).TerminalPanel;
const sequencePanel = async () => (await import("../sequence/sequence-panel.tsx")).SequencePanel;
const zonesPanel = async () => (await import("../panels/zones-panel.tsx")).ZonesPanel;

/** The map with what can be done to it, the lists below, the chosen block beside. */
export function Workbench(props: WorkbenchProps): ReactNode {
  const { session, open, answer, busy, blocked, theme, send } = props;
  const version = useSession(session);
  const columns = session.columns();
  const [wanted, select] = useState<Selection>(nothing);
  const [hover, setHover] = useState<number | undefined>();
  /** What is wrong with the list of blocks; the answer before is none to it. */
  const [problem, complain] = useState("");
  const selection = useMemo(() => surviving(wanted, columns), [wanted, columns.ids]);
  // A step that was taken shows its block; what the person chooses later stays.
  useEffect(() => {
    if (open === undefined || open.step === 0) return;
    session.host.lastBlock().then(
      (block) => block !== undefined && select(choose(block)),
      () => {},
    );
  }, [session, open]);
  useEffect(() => complain(""), [answer]);
  // What was refused is marked where it is, until something else is done or another layer is chosen.
  const [chosenLayer, setLayer] = useState<Layer | undefined>();
  const { going } = session.view;
  const layer = useMemo(() => chosenLayer ?? layerOf(answer, going), [chosenLayer, answer, going.join()]);
  useEffect(() => setLayer(undefined), [answer]);
  const run = (command: Extract<PageEvent, { type: "RUN" }>["command"]): void => send({ type: "RUN", command });
  const [looked, look] = useState<{ readonly block: number } | undefined>();
  const help = useMemo(
    () => ({ place: placeOf(session, columns), blocked, run, look: (block: number) => look({ block }) }),
    [session.view.loads, columns, blocked],
  );
  const node =
    selection.cursor === undefined ? undefined : segmentAt(columns.segments, columns.indexOf(selection.cursor))?.node;
  const { asksFor, byHand } = props;
  const stepProps = { session, open: open as OpenView, busy: blocked, asksFor, byHand, send };
  const tabs = [
    ...(open === undefined
      ? []
      : [{ name: "Steps", content: <Part load={stepsPanel} name="steps" props={stepProps} /> }]),
    ...(session.view.host === undefined
      ? []
      : [
          {
            name: "Host",
            content: <Part load={hostPanel} name="the host" props={{ report: session.view.host, setLayer }} />,
          },
        ]),
    {
      name: "Events",
      content: (
        <Part
          load={eventList}
          name="events"
          props={{ session, block: selection.cursor, choose: (block: number) => select(choose(block)) }}
        />
      ),
    },
    { name: "Charts", content: <Part load={chartsPanel} name="charts" props={{ session, theme, node }} /> },
    { name: "Zones", content: <Part load={zonesPanel} name="zones" props={{ session }} /> },
    {
      name: "Statecharts",
      content: (
        <Part
          load={liveCharts}
          name="statecharts"
          props={{ session, version, theme, block: selection.cursor, columns, select }}
        />
      ),
    },
    {
      name: "Sequence",
      content: <Part load={sequencePanel} name="the sequence" props={{ session, version, theme }} />,
    },
    {
      name: "Terminal",
      content: <Part load={terminalPanel} name="the terminal" props={{ session, version, blocked, run }} />,
    },
  ];
  const wrongBlocks = problem === "" && answer?.problem?.op === "write to blocks" ? answer.text : problem;
  const shown = problem === "" ? answer : errorAnswer("which blocks?", problem);
  return (
    <RefusalHelpContext value={help}>
      <main className="bench">
        <section className="map" aria-label="Memory blocks">
          <Boundary name="the map">
            <ActionBar {...{ session, columns, selection, select, blocked, run, complain }} problem={wrongBlocks} />
            <MapView
              {...{ session, columns, selection, select, setHover, theme, layer, complain, looked }}
              layers={{ blocked, run, setLayer }}
            />
            <BlockLine session={session} version={version} block={hover ?? selection.cursor} />
            <TimeStrip view={session.view} busy={busy} blocked={blocked} run={run} />
            <div className="told">
              <AnswerView answer={shown} bootRefusals={session.view.bootRefusals} />
              {(going.length > 0 || session.view.isBusy) && (
                <Part load={goingOn} name="what goes on" props={{ session, busy, run }} />
              )}
            </div>
          </Boundary>
        </section>
        <Splitter name="the lists" property="--lists" start={210} least={120} most={900} side="below" />
        <Boundary name="the lists">
          <Tabs label="Run" tabs={tabs} first={followed.tab} chosen={(name) => followed.keepTab(name)} />
        </Boundary>
        <Splitter name="the machine's forms" property="--side" start={270} least={200} most={520} side="left" />
        <Splitter name="the chosen block" property="--block" start={400} least={260} most={900} side="right" />
      </main>
      <Boundary name="the block">
        <BlockPanel
          session={session}
          version={version}
          block={selection.cursor}
          theme={theme}
          blocked={blocked}
          run={run}
          setLayer={setLayer}
          open={open}
          send={send}
        />
      </Boundary>
    </RefusalHelpContext>
  );
}

/** What remedies may name of the machine as it is when they are looked at. */
function placeOf(session: RemoteSession, { ids, segments, state }: BlockColumns): RemedyPlace {
  const firstOffline = (node?: number): number | undefined => {
    for (const segment of segments)
      if (node === undefined || segment.node === node)
        for (let i = segment.start; i < segment.end; i++) if (state[i] === BlockState.offline) return ids[i];
    return undefined;
  };
  return {
    loads: session.view.loads,
    firstOffline,
    hasOffline: (node) => firstOffline(node) !== undefined,
  };
}
