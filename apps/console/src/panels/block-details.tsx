import type { ReactNode } from "react";
import type { BlockView } from "../host/views.ts";
import { countWords } from "../words/size-words.ts";
import { timeWords } from "../words/time-words.ts";
import { Reason } from "./answer-view.tsx";

/** What a block's files say, and why it was refused last. */
export function Details({ view: { words, files, refusal } }: { readonly view: BlockView }): ReactNode {
  return (
    <>
      <p className="quiet">{words.split(" · ").slice(1, 3).join(" · ")}</p>
      <dl className="files">
        {files.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text || "–"}</dd>
          </div>
        ))}
      </dl>
      {refusal !== undefined && (
        <details className="last-refusal">
          <summary>
            Last refusal: {String(refusal.refusal.errno)} <code>{refusal.refusal.code}</code>
          </summary>
          <Reason group={refusal} />
        </details>
      )}
    </>
  );
}

/** How it came to its state. */
export function Transitions({ view: { transitions, dropped } }: { readonly view: BlockView }): ReactNode {
  return (
    <section>
      <h3>Last transitions</h3>
      {transitions.length === 0 ? (
        <p className="quiet">
          {dropped === 0
            ? "None since boot."
            : `None among the events that are kept; the oldest ${countWords(dropped)} were let go.`}
        </p>
      ) : (
        <ol className="transitions" aria-label="Last transitions">
          {transitions.map(({ atNs, from, to }, i) => (
            <li key={`${atNs} ${from} ${to}`}>
              <span>{timeWords(atNs)}</span> {i === transitions.length - 1 && <span>{from} → </span>}
              <b>{to}</b>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
