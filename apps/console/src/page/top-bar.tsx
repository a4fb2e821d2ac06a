import { formatSize } from "@memhp/abi";
import type { ReactNode } from "react";
import { onlineCount } from "../session/block-columns.ts";
import type { Session } from "../session/session.ts";
import { useSession } from "../session/use-session.ts";
import { timeWords } from "../words/event-words.ts";
import type { OpenReplay } from "./page-machine.ts";
import { type ThemeChoice, themeChoices } from "./theme.ts";

interface TopBarProps {
  readonly session: Session | undefined;
  readonly open: OpenReplay | undefined;
  readonly busy: boolean;
  readonly choice: ThemeChoice;
  readonly choose: (choice: ThemeChoice) => void;
}

/** Name, the machine in numbers, theme. */
export function TopBar({ session, open, busy, choice, choose }: TopBarProps): ReactNode {
  return (
    <header className="top">
      <h1>
        memhp<span> console</span>
      </h1>
      {session !== undefined && <Numbers session={session} open={open} />}
      <span className="busy" role="status">
        {busy ? "working…" : ""}
      </span>
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

function Numbers({ session, open }: { readonly session: Session; readonly open: OpenReplay | undefined }): ReactNode {
  useSession(session);
  const { machine } = session;
  const columns = session.columns();
  const online = onlineCount(columns);
  const bytes = (count: number): string => formatSize(count * machine.board.blockSizeBytes);
  const facts: readonly (readonly [string, string])[] = [
    ["kernel", machine.kernel.id],
    ...(open === undefined ? [] : [["run", open.replay.document.name] as const]),
    ["nodes", String(machine.board.possibleNodes.length)],
    ["block", formatSize(machine.board.blockSizeBytes)],
    ["online", `${online} of ${columns.ids.length} blocks, ${bytes(online)}`],
    ["time", timeWords(machine.nowNs)],
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
