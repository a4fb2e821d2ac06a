import { type ReactNode, type SubmitEvent, useState } from "react";
import type { RemoteSession } from "../remote/remote-session.ts";
import { asked, type Asked } from "../session/asked.ts";
import { HeldBy } from "./held-by.tsx";
import "./going-on.css";

interface GoingOnProps {
  readonly session: RemoteSession;
  readonly busy: boolean;
  readonly run: (command: Asked) => void;
}

/** What runs in the background: it gets on while time passes, and a signal ends it. */
export function GoingOn({ session, busy, run }: GoingOnProps): ReactNode {
  const { view } = session;
  const names = view.going;
  const [seconds, setSeconds] = useState("1");
  const isBusy = names.length > 0 || view.isBusy;
  if (!isBusy || (busy && names.length === 0)) return null;
  const wait = (event: SubmitEvent): void => {
    event.preventDefault();
    run(asked({ op: "wait", s: Number(seconds) }));
  };
  return (
    <section className="going-on" aria-label="In the background">
      {names.length === 0 && <span>The kernel is at work.</span>}
      <ul>
        {names.map((name) => (
          <li key={name}>
            <span>
              <b>{name}</b> goes on
            </span>
            <button
              type="button"
              aria-disabled={busy}
              aria-label={`Send a signal to ${name}`}
              onClick={() => run(asked({ op: "signal", to: name }))}
            >
              Signal
            </button>
            <HeldBy session={session} name={name} />
          </li>
        ))}
      </ul>
      <form onSubmit={wait} aria-label="Let time pass">
        <label>
          Let pass
          <input
            type="number"
            min="0.001"
            step="any"
            required
            value={seconds}
            onChange={(event) => setSeconds(event.target.value)}
          />
          s
        </label>
        <button type="submit" aria-disabled={busy}>
          Wait
        </button>
      </form>
    </section>
  );
}
