import { type ReactNode, useMemo, useState } from "react";
import { layerOf } from "../map/layers.ts";
import { MapView } from "../map/map-view.tsx";
import type { Theme } from "../map/palette.ts";
import { choose, type Selection, surviving } from "../map/selection.ts";
import { ActionBar } from "../panels/action-bar.tsx";
import { AnswerView } from "../panels/answer-view.tsx";
import { BlockLine } from "../panels/block-line.tsx";
import { Statechart } from "../panels/statechart.tsx";
import { ZonesPanel } from "../panels/zones-panel.tsx";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer, useSession } from "../remote/use-session.ts";
import { type Answer, errorAnswer } from "../session/answer.ts";
import { asked, type Asked } from "../session/asked.ts";

interface EmbeddedProps {
  readonly session: RemoteSession;
  /** The block that is chosen at first. */
  readonly block: number;
  /** What is shown besides the map: `statechart`, `zones`, `driver`. */
  readonly shown: readonly string[];
  readonly theme: Theme;
}

/** The console's map, writes and answers, and what a page wants to show besides. */
export function Embedded({ session, block, shown, theme }: EmbeddedProps): ReactNode {
  const version = useSession(session);
  const columns = session.columns();
  const [wanted, select] = useState<Selection>(() => choose(block));
  const [hover, setHover] = useState<number | undefined>();
  const [answer, setAnswer] = useState<Answer | undefined>();
  const [problem, complain] = useState("");
  const [isBusy, setBusy] = useState(false);
  const selection = useMemo(() => surviving(wanted, columns), [wanted, columns.ids]);
  const layer = useMemo(() => layerOf(answer), [answer]);
  const act = async (command: Asked): Promise<void> => {
    setBusy(true);
    complain("");
    setAnswer(await session.run(command).catch((error: unknown) => errorAnswer("the machine", error)));
    setBusy(false);
  };
  const run = (command: Asked): void => {
    if (!isBusy) void act(command);
  };
  const told = problem === "" ? answer : errorAnswer("which blocks?", problem);
  return (
    <main className="embedded" aria-busy={isBusy}>
      <section className="map" aria-label="Memory blocks">
        <ActionBar {...{ session, columns, selection, select, run, problem, complain }} blocked={isBusy} />
        <MapView {...{ session, columns, selection, select, setHover, theme, layer, complain }} />
        <BlockLine session={session} version={version} block={hover ?? selection.cursor} />
        {shown.includes("driver") && <Driver session={session} blocked={isBusy} run={run} />}
        <AnswerView answer={told} />
      </section>
      {shown.includes("statechart") && (
        <BlockChart session={session} version={version} block={selection.cursor} theme={theme} />
      )}
      {shown.includes("zones") && <ZonesPanel session={session} />}
    </main>
  );
}

interface BlockChartProps {
  readonly session: RemoteSession;
  readonly version: number;
  readonly block: number | undefined;
  readonly theme: Theme;
}

function BlockChart({ session, version, block, theme }: BlockChartProps): ReactNode {
  const view = useAnswer(
    async () => (block === undefined ? undefined : session.host.block(block)),
    [session, version, block],
  );
  return <Statechart leaf={view?.leaf} theme={theme} />;
}

interface DriverProps {
  readonly session: RemoteSession;
  readonly blocked: boolean;
  readonly run: (command: Asked) => void;
}

/** A driver that pins pages wherever there is room, or its end. */
function Driver({ session, blocked, run }: DriverProps): ReactNode {
  const isRunning = session.view.loads.some(({ id }) => id === "driver");
  const step = isRunning
    ? ({ op: "unload", id: "driver" } as const)
    : ({ op: "load", id: "driver", kind: "pinned", size: "16M", node: 0 } as const);
  return (
    <p className="driver">
      <button type="button" aria-disabled={blocked} onClick={() => run(asked(step))}>
        {isRunning ? "end the driver" : "start a driver that pins 16 MiB on node 0"}
      </button>
    </p>
  );
}
