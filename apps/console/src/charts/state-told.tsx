import type { DiagramState } from "@memhp/diagram";
import type { ReactNode } from "react";
import { FactWords } from "../facts/fact-words.tsx";
import { Terms } from "../words/terms.tsx";

interface StateToldProps {
  readonly state: DiagramState | undefined;
  readonly count: number;
}

/** A state in words: what it is, which of the kernel's functions do it, and where that is written. */
export function StateTold({ state, count }: StateToldProps): ReactNode {
  if (state === undefined)
    return <p className="state-told quiet">Point at a state, or move with Tab and the arrow keys: it is told here.</p>;
  const { kernel, facts } = (state.meta ?? {}) as { readonly kernel?: unknown; readonly facts?: unknown };
  const functions = Array.isArray(kernel) ? kernel.map(String) : [];
  return (
    <div className="state-told">
      <p>
        <b>{state.path}</b> <span className="quiet">{`${count} in it`}</span>
      </p>
      <p>
        <Terms text={state.description} />
      </p>
      {functions.length > 0 && (
        <p>
          <span className="quiet">kernel </span>
          {functions.map((name, i) => (
            <span key={name}>
              {i === 0 ? "" : ", "}
              <code>{name}</code>
            </span>
          ))}
          {typeof facts === "string" && (
            <>
              {" · "}
              <FactWords text={facts} />
            </>
          )}
        </p>
      )}
    </div>
  );
}
