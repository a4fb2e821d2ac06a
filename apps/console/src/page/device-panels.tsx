import { type ReactNode, useEffect, useRef, useState } from "react";
import { DimmPanel } from "../panels/dimm-panel.tsx";
import { InjectPanel } from "../panels/inject-panel.tsx";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useSession } from "../remote/use-session.ts";
import type { Answer } from "../session/answer.ts";
import type { Asked } from "../session/asked.ts";
import { Part } from "./part.tsx";

/** An operation that was chosen elsewhere; each choice is an object of its own. */
export interface ChosenOperation {
  readonly op: string;
}

interface DevicePanelsProps {
  readonly session: RemoteSession;
  readonly answer: Answer | undefined;
  /** Its form is shown, and gets the focus. */
  readonly chosen: ChosenOperation | undefined;
  /** Nothing can be done now. */
  readonly blocked: boolean;
  readonly run: (asked: Asked) => void;
}

// What a first look at a machine does not need comes when it is asked for.
const loadPanel = async () => (await import("../panels/load-panel.tsx")).LoadPanel;
const containerPanel = async () => (await import("../panels/container-panel.tsx")).ContainerPanel;
const deviceStates = async () => (await import("../panels/device-states.tsx")).DeviceStates;
const operationsPanel = async () => (await import("../panels/operations-panel.tsx")).OperationsPanel;

/** What can be plugged in and made to fail; and everything else that can be done. */
export function DevicePanels({ session, answer, chosen, blocked, run }: DevicePanelsProps): ReactNode {
  useSession(session);
  const { view } = session;
  const [op, choose] = useState("");
  useEffect(() => {
    if (chosen !== undefined) choose(chosen.op);
  }, [chosen]);
  return (
    <>
      <DimmPanel session={session} answer={answer} blocked={blocked} run={run} />
      {view.containers.length > 0 && (
        <section className="panel" aria-label="Containers">
          <h2>Containers</h2>
          <Part load={containerPanel} name="containers" props={{ view, blocked, run }} />
        </section>
      )}
      {view.devices.length > 0 && (
        <section className="panel" aria-label="Other memory devices">
          <h2>Other memory devices</h2>
          <Part load={deviceStates} name="memory devices" props={{ devices: view.devices }} />
        </section>
      )}
      <Drawer title="Loads" hint={view.loads.length === 0 ? "none runs" : `${view.loads.length} running`}>
        <Part load={loadPanel} name="loads" props={{ session, answer, blocked, run }} />
      </Drawer>
      <InjectPanel view={view} run={run} />
      <Drawer title="All operations" hint="any step" shows={chosen}>
        <Part load={operationsPanel} name="operations" props={{ session, op, choose, answer, blocked, run }} />
      </Drawer>
    </>
  );
}

interface DrawerProps {
  readonly title: string;
  readonly hint: string;
  /** Opens it, each time that it is another. */
  readonly shows?: object | undefined;
  readonly children: ReactNode;
}

/** A part of the side that is there once it was opened. */
function Drawer({ title, hint, shows, children }: DrawerProps): ReactNode {
  const [opened, setOpened] = useState(false);
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (shows === undefined || details.current === null) return;
    details.current.open = true;
    details.current.querySelector("summary")?.focus();
    details.current.scrollIntoView({ block: "start" });
  }, [shows]);
  return (
    <details ref={details} className="panel" onToggle={(event) => event.currentTarget.open && setOpened(true)}>
      <summary>
        <h2>
          {title} <small>{hint}</small>
        </h2>
      </summary>
      {opened && <div className="drawer">{children}</div>}
    </details>
  );
}
