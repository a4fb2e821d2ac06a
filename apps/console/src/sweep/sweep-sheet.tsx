import { type ReactNode, useEffect } from "react";
import { SweepView } from "./sweep-view.tsx";

interface SweepSheetProps {
  readonly source: string;
  readonly text: string;
  readonly close: () => void;
}

/** A file of results over the page, until it is closed; the machine is as it was. */
export function SweepSheet({ source, text, close }: SweepSheetProps): ReactNode {
  useEffect(() => {
    const stop = new AbortController();
    addEventListener("keydown", ({ key }) => key === "Escape" && close(), { signal: stop.signal });
    return () => stop.abort();
  }, [close]);
  return (
    <div className="sweep-sheet" role="dialog" aria-modal="true" aria-label={`Results of a sweep: ${source}`}>
      <p className="row">
        <button type="button" onClick={close} autoFocus>
          Back to the machine
        </button>
      </p>
      <SweepView source={source} text={text} />
    </div>
  );
}
