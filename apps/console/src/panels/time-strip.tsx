import { type ReactNode, useEffect, useRef, useState } from "react";
import type { GoTo } from "../session/asked.ts";
import type { MachineView } from "../host/views.ts";
import { timeWords } from "../words/time-words.ts";

interface TimeStripProps {
  readonly view: MachineView;
  readonly busy: boolean;
  readonly blocked: boolean;
  readonly run: (command: GoTo) => void;
}

const speeds = [
  ["0.5", "half speed"],
  ["1", "one a second"],
  ["4", "four a second"],
] as const;

/** What was done by hand as one strip: back, forward, anywhere, and played from the start. */
export function TimeStrip({ view, busy, blocked, run }: TimeStripProps): ReactNode {
  const { deeds, done } = view.history;
  const [isPlaying, setPlaying] = useState(false);
  const [speed, setSpeed] = useState("1");
  const go = (to: number): void => run({ do: "go_to", done: to });
  const canUndo = done > 0 && deeds[done - 1]?.canGoBack === true && !blocked;
  const canRedo = done < deeds.length && !blocked;
  useUndoKeys(canUndo, canRedo, (by) => go(done + by));
  useEffect(() => {
    if (!isPlaying || busy) return undefined;
    if (done >= deeds.length) {
      setPlaying(false);
      return undefined;
    }
    const timer = setTimeout(() => go(done + 1), 1000 / Number(speed));
    return () => clearTimeout(timer);
  }, [isPlaying, busy, done, deeds.length, speed]);
  const play = (): void => {
    setPlaying(!isPlaying);
    // At the end it begins at the first that it can go back to.
    const first = deeds.findIndex(({ canGoBack }) => canGoBack);
    if (!isPlaying && done === deeds.length && first >= 0) go(first);
  };
  const now = deeds[done - 1];
  const words = done === 0 ? "as it was booted" : `${done} of ${deeds.length}: ${now?.text ?? ""}`;
  return (
    <div className="time" role="group" aria-label="Time">
      <button type="button" aria-disabled={!canUndo} title="Ctrl Z" onClick={() => canUndo && go(done - 1)}>
        Undo
      </button>
      <button type="button" aria-disabled={!canRedo} title="Ctrl Shift Z" onClick={() => canRedo && go(done + 1)}>
        Redo
      </button>
      {deeds.length > 0 && (
        <>
          <button type="button" aria-disabled={blocked} aria-pressed={isPlaying} onClick={play}>
            {isPlaying ? "Pause" : "Play"}
          </button>
          <select aria-label="Speed" value={speed} onChange={(event) => setSpeed(event.target.value)}>
            {speeds.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
          <input
            type="range"
            aria-label="How much of it is done"
            aria-valuetext={words}
            min={0}
            max={deeds.length}
            value={done}
            onChange={(event) => !blocked && go(Number(event.target.value))}
          />
        </>
      )}
      <span className="quiet where" title={words}>
        {deeds.length === 0 ? timeWords(view.nowNs) : `${timeWords(view.nowNs)} · ${words}`}
      </span>
    </div>
  );
}

/** Ctrl Z and Ctrl Shift Z, but where a text is written they are the text's. */
function useUndoKeys(canUndo: boolean, canRedo: boolean, go: (by: 1 | -1) => void): void {
  const newest = useRef({ canUndo, canRedo, go });
  newest.current = { canUndo, canRedo, go };
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
      if (target.matches("input:not([type=range], [type=checkbox]), textarea")) return;
      const { canUndo: back, canRedo: forward, go: to } = newest.current;
      event.preventDefault();
      if (event.shiftKey ? forward : back) to(event.shiftKey ? 1 : -1);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}
