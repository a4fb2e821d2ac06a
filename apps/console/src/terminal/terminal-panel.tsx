import {
  type KeyboardEvent,
  type ReactNode,
  type SubmitEvent,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { followed } from "../remote/followed.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer } from "../remote/use-session.ts";
import type { Asked } from "../session/asked.ts";
import "./terminal.css";

interface TerminalPanelProps {
  readonly session: RemoteSession;
  readonly version: number;
  readonly blocked: boolean;
  readonly run: (asked: Asked) => void;
}

/** Lines typed on this page, the newest last; they outlive a machine. */
const typed: string[] = [];
const MOST_TYPED = 200;

/** The prompt of `memhp shell` on this machine: what it does waits its turn, can be undone, and is saved as all else that is done here. */
export function TerminalPanel({ session, version, blocked, run }: TerminalPanelProps): ReactNode {
  const [line, setLine] = useState("");
  const [looked, setLooked] = useState(0);
  const [candidates, setCandidates] = useState<readonly string[]>([]);
  const [cleared, setCleared] = useState(0);
  /** How far back in what was typed; 0 is the line that is being typed. */
  const back = useRef(0);
  const field = useRef<HTMLInputElement>(null);
  const log = useRef<HTMLDivElement>(null);
  const own = useAnswer(() => session.host.terminal(), [session, version, looked]);
  useSyncExternalStore(followed.subscribe, followed.version);
  const { machine, terminal: served } = followed;
  useEffect(() => void followed.openTerminal(), [machine]);
  const view = served ?? own;
  const texts = view?.texts.slice(Math.max(0, cleared - view.first)) ?? [];
  useEffect(() => {
    if (log.current !== null) log.current.scrollTop = log.current.scrollHeight;
  }, [view?.texts, candidates]);
  useEffect(() => {
    if (served?.isTyping === true) field.current?.focus();
  }, []);

  const enter = async (text: string): Promise<void> => {
    // Typed before the terminal was there, it still is a line for the server's machine, not for the page's own.
    const there = await followed.openTerminal();
    if (there !== undefined) await there.line(text);
    else if (!(await session.host.look(text))) run({ do: "line", line: text });
    else setLooked((count) => count + 1);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (blocked && machine === undefined) return;
    if (line.trim() !== "" && typed.at(-1) !== line) typed.push(line);
    if (typed.length > MOST_TYPED) typed.shift();
    back.current = 0;
    setCandidates([]);
    setLine("");
    void enter(line);
  };
  const complete = async (): Promise<void> => {
    const [found, part] = await ((await followed.openTerminal()) ?? session.host).complete(line);
    const common = commonStart(found);
    setCandidates(found.length > 1 ? found : []);
    if (common.length > part.length) setLine(line.slice(0, line.length - part.length) + common);
  };
  const recall = (step: number): void => {
    const to = Math.min(typed.length, Math.max(0, back.current + step));
    back.current = to;
    setLine(to === 0 ? "" : (typed.at(-to) ?? ""));
  };
  const press = (event: KeyboardEvent): void => {
    // An empty line lets Tab go on, so that nobody is caught here.
    if (event.key === "Tab" && !event.shiftKey && line.trim() !== "") void complete();
    else if (event.key === "ArrowUp") recall(1);
    else if (event.key === "ArrowDown") recall(-1);
    else if (event.key === "Escape" && line !== "") setLine("");
    else if (event.key === "l" && event.ctrlKey) setCleared((view?.first ?? 0) + (view?.texts.length ?? 0));
    else return;
    event.preventDefault();
  };
  return (
    <div className="terminal">
      {machine !== undefined && (
        <p className="quiet" role="status" aria-label="Where lines act">
          On the server's machine {machine.name}: what you do here is done there, for all who see it.
        </p>
      )}
      <div ref={log} className="terminal-log" role="log" aria-label="Terminal" tabIndex={0}>
        {texts.length === 0 && (
          <p className="quiet">
            <code>help</code> says what there is. Tab completes what is typed, and goes on from an empty line; up and
            down bring back what was typed; Ctrl L clears.
          </p>
        )}
        {texts.map(({ kind, text }, i) => (
          <pre key={(view?.first ?? 0) + i} data-kind={kind}>
            {text}
          </pre>
        ))}
      </div>
      {candidates.length > 0 && (
        <p className="candidates" role="status" aria-label="What could follow" tabIndex={0}>
          {candidates.slice(0, 60).join(" ")}
          {candidates.length > 60 && ` and ${candidates.length - 60} more`}
        </p>
      )}
      <form onSubmit={submit}>
        <label htmlFor="terminal-line">{view?.prompt ?? "#"}</label>
        <input
          ref={field}
          id="terminal-line"
          aria-label="Command line"
          value={line}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          aria-busy={blocked}
          onChange={(event) => {
            setLine(event.target.value);
            setCandidates([]);
          }}
          onKeyDown={press}
          onFocus={() => {
            if (served !== undefined) served.isTyping = true;
          }}
          // What is taken away while it is drawn anew goes nowhere; a person goes to something.
          onBlur={({ relatedTarget }) => {
            if (served !== undefined && relatedTarget !== null) served.isTyping = false;
          }}
        />
      </form>
    </div>
  );
}

function commonStart(words: readonly string[]): string {
  const [first = ""] = words;
  let length = first.length;
  for (const word of words) while (!word.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}
