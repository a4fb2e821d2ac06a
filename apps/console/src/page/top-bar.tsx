import { type ReactNode, useEffect, useState } from "react";
import type { OpenView } from "../host/views.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useSession } from "../remote/use-session.ts";
import { onlineCount } from "../session/online-count.ts";
import { countWords, sizeWords } from "../words/size-words.ts";
import { timeWords } from "../words/time-words.ts";
import { type ThemeChoice, themeChoices } from "./theme.ts";

interface TopBarProps {
  readonly session: RemoteSession | undefined;
  readonly open: OpenView | undefined;
  /** What the page is at; undefined while it waits for the person. */
  readonly doing: string | undefined;
  /** Commands that wait for the one under way. */
  readonly waiting: number;
  /** Shows what can be done, and the keys. */
  readonly showPalette: () => void;
  readonly cancel: () => void;
  readonly share: () => void;
  readonly choice: ThemeChoice;
  readonly choose: (choice: ThemeChoice) => void;
}

/** Name, the machine in numbers, what is under way, theme. */
export function TopBar(props: TopBarProps): ReactNode {
  const { session, open, doing, waiting, showPalette, cancel, share, choice, choose } = props;
  return (
    <header className="top">
      <h1>
        memhp<span> console</span>
      </h1>
      {session !== undefined && <Numbers session={session} open={open} />}
      <div className="busy">
        <span role="status">
          {doing === undefined ? "" : `${doing}…${waiting === 0 ? "" : ` ${waiting} more to do`}`}
        </span>
        {doing !== undefined && <Patience session={session} cancel={cancel} canCancel={doing !== "stepping"} />}
      </div>
      {session !== undefined && (
        <button type="button" onClick={share}>
          Share
        </button>
      )}
      <button type="button" title="Ctrl K" onClick={showPalette}>
        Commands
      </button>
      <label className="theme">
        Theme
        <select value={choice} onChange={(event) => choose(event.target.value as ThemeChoice)}>
          {themeChoices.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    </header>
  );
}

/** Most work is done before anybody could read how far it is. */
const PATIENCE_MS = 400;

interface PatienceProps {
  readonly session: RemoteSession | undefined;
  readonly cancel: () => void;
  readonly canCancel: boolean;
}

/** How far something long is, and a way out of it. */
function Patience({ session, cancel, canCancel }: PatienceProps): ReactNode {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const began = performance.now();
    const timer = setInterval(() => setSeconds((performance.now() - began) / 1000), PATIENCE_MS);
    return () => clearInterval(timer);
  }, []);
  if (seconds === 0) return null;
  return (
    <>
      {session === undefined ? <progress /> : <Progress session={session} />}
      <span className="quiet">{`${seconds.toFixed(0)} s`}</span>
      {canCancel && (
        <button type="button" onClick={cancel}>
          Cancel
        </button>
      )}
    </>
  );
}

function Progress({ session }: { readonly session: RemoteSession }): ReactNode {
  useSession(session);
  const { progress } = session.view;
  return progress === undefined ? (
    <progress aria-label="Working" />
  ) : (
    <>
      <progress aria-label="Done" value={progress.done} max={progress.total} />
      <span className="quiet">{`${countWords(progress.done)} of ${countWords(progress.total)}`}</span>
    </>
  );
}

interface NumbersProps {
  readonly session: RemoteSession;
  readonly open: OpenView | undefined;
}

function Numbers({ session, open }: NumbersProps): ReactNode {
  useSession(session);
  const { view } = session;
  const columns = session.columns();
  const online = onlineCount(columns);
  const facts: readonly (readonly [string, string])[] = [
    ["kernel", view.kernel],
    ...(open === undefined ? [] : [["run", open.name] as const]),
    ["nodes", countWords(view.possibleNodes)],
    ["block", sizeWords(view.blockBytes)],
    [
      "online",
      `${countWords(online)} of ${countWords(columns.ids.length)} blocks, ${sizeWords(online * view.blockBytes)}`,
    ],
    ["time", timeWords(view.nowNs)],
  ];
  return (
    <dl className="numbers">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
