import { containersOf } from "@memhp/devices";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from "react";
import { BlockMap } from "../map/block-map.tsx";
import { Legend } from "../map/legend.tsx";
import type { Theme } from "../map/palette.ts";
import { choose, nothing, type Selection, surviving } from "../map/selection.ts";
import { ActionBar } from "../panels/action-bar.tsx";
import { AnswerView } from "../panels/answer-view.tsx";
import { BlockLine } from "../panels/block-line.tsx";
import { BlockPanel } from "../panels/block-panel.tsx";
import { DimmPanel } from "../panels/dimm-panel.tsx";
import { EventList } from "../panels/event-list.tsx";
import { GoingOn } from "../panels/going-on.tsx";
import { InjectPanel } from "../panels/inject-panel.tsx";
import { Tabs } from "../panels/tabs.tsx";
import { ZonesPanel } from "../panels/zones-panel.tsx";
import type { Answer } from "../session/answer.ts";
import type { Command } from "../session/commands.ts";
import type { Session } from "../session/session.ts";
import { useSession } from "../session/use-session.ts";
import type { OpenReplay } from "./page-machine.ts";

// What a first look at a machine does not need comes when it is asked for.
const LoadPanel = lazy(async () => ({ default: (await import("../panels/load-panel.tsx")).LoadPanel }));
const ContainerPanel = lazy(async () => ({ default: (await import("../panels/container-panel.tsx")).ContainerPanel }));
// Only needed once a document is open, as the runner itself.
const StepsPanel = lazy(async () => ({ default: (await import("../panels/steps-panel.tsx")).StepsPanel }));

interface WorkbenchProps {
  readonly session: Session;
  readonly open: OpenReplay | undefined;
  readonly answer: Answer | undefined;
  readonly busy: boolean;
  readonly theme: Theme;
  readonly run: (command: Command) => void;
  readonly step: (to: number) => void;
}

/** The map with what can be done to it, the lists below, the chosen block beside. */
export function Workbench({ session, open, answer, busy, theme, run, step }: WorkbenchProps): ReactNode {
  const version = useSession(session);
  const columns = useMemo(() => session.columns(), [session, version]);
  const [wanted, select] = useState<Selection>(nothing);
  const [hover, setHover] = useState<number | undefined>();
  const selection = useMemo(() => surviving(wanted, columns), [wanted, columns]);
  // A step that was taken shows its block; what the person chooses later stays.
  useEffect(() => {
    const block = open === undefined || open.step === 0 ? undefined : session.log.lastBlock();
    if (block !== undefined) select(choose(block));
  }, [session, open]);
  const tabs = [
    ...(open === undefined ? [] : [{ name: "Steps", content: <Steps open={open} busy={busy} step={step} /> }]),
    {
      name: "Events",
      content: (
        <EventList
          session={session}
          version={version}
          block={selection.cursor}
          choose={(block) => select(choose(block))}
        />
      ),
    },
    { name: "Zones", content: <ZonesPanel session={session} /> },
  ];
  return (
    <>
      <main className="bench">
        <section className="map" aria-label="Memory blocks">
          <ActionBar session={session} selection={selection} select={select} busy={busy} run={run} />
          <GoingOn session={session} busy={busy} run={run} />
          <AnswerView answer={answer} />
          <BlockMap columns={columns} selection={selection} select={select} setHover={setHover} theme={theme} />
          <BlockLine session={session} version={version} block={hover ?? selection.cursor} />
          <Legend theme={theme} />
        </section>
        <Tabs label="Run" tabs={tabs} />
      </main>
      <BlockPanel session={session} version={version} block={selection.cursor} theme={theme} busy={busy} run={run} />
    </>
  );
}

/** What can be plugged in and made to fail. */
export function DevicePanels({ session, busy, run }: Pick<WorkbenchProps, "session" | "busy" | "run">): ReactNode {
  useSession(session);
  return (
    <>
      <DimmPanel session={session} busy={busy} run={run} />
      {containersOf(session.machine).list().length > 0 && (
        <section className="panel" aria-label="Containers">
          <h2>Containers</h2>
          <Suspense fallback={loading}>
            <ContainerPanel session={session} busy={busy} run={run} />
          </Suspense>
        </section>
      )}
      <Drawer title="Loads" hint={loadCount(session)}>
        <LoadPanel session={session} busy={busy} run={run} />
      </Drawer>
      <InjectPanel session={session} run={run} />
    </>
  );
}

const loading = <p className="quiet">Loading…</p>;

function loadCount({ machine }: Session): string {
  const count = machine.pages.loads.list().length;
  return count === 0 ? "none runs" : `${count} running`;
}

interface DrawerProps {
  readonly title: string;
  readonly hint: string;
  readonly children: ReactNode;
}

/** A part of the side that is there once it was opened. */
function Drawer({ title, hint, children }: DrawerProps): ReactNode {
  const [opened, setOpened] = useState(false);
  return (
    <details className="panel" onToggle={(event) => event.currentTarget.open && setOpened(true)}>
      <summary>
        <h2>
          {title} <small>{hint}</small>
        </h2>
      </summary>
      {opened && (
        <div className="drawer">
          <Suspense fallback={loading}>{children}</Suspense>
        </div>
      )}
    </details>
  );
}

function Steps(props: {
  readonly open: OpenReplay;
  readonly busy: boolean;
  readonly step: (to: number) => void;
}): ReactNode {
  return (
    <Suspense fallback={<p className="quiet before">Loading…</p>}>
      <StepsPanel {...props} />
    </Suspense>
  );
}
