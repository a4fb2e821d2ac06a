import { type ReactNode, useState } from "react";
import type { Asked } from "../host/session-host.ts";
import { DimmPanel } from "../panels/dimm-panel.tsx";
import { InjectPanel } from "../panels/inject-panel.tsx";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useSession } from "../remote/use-session.ts";
import { Part } from "./part.tsx";

interface DevicePanelsProps {
  readonly session: RemoteSession;
  /** Nothing can be done now. */
  readonly blocked: boolean;
  readonly run: (command: Asked) => void;
}

// What a first look at a machine does not need comes when it is asked for.
const loadPanel = async () => (await import("../panels/load-panel.tsx")).LoadPanel;
const containerPanel = async () => (await import("../panels/container-panel.tsx")).ContainerPanel;

/** What can be plugged in and made to fail. */
export function DevicePanels({ session, blocked, run }: DevicePanelsProps): ReactNode {
  useSession(session);
  const { view } = session;
  return (
    <>
      <DimmPanel view={view} blocked={blocked} run={run} />
      {view.containers.length > 0 && (
        <section className="panel" aria-label="Containers">
          <h2>Containers</h2>
          <Part load={containerPanel} name="containers" props={{ view, blocked, run }} />
        </section>
      )}
      <Drawer title="Loads" hint={view.loads.length === 0 ? "none runs" : `${view.loads.length} running`}>
        <Part load={loadPanel} name="loads" props={{ view, blocked, run }} />
      </Drawer>
      <InjectPanel view={view} run={run} />
    </>
  );
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
      {opened && <div className="drawer">{children}</div>}
    </details>
  );
}
