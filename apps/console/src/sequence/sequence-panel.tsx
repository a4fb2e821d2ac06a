import { sequenceSvg } from "@memhp/diagram";
import { type ReactNode, useMemo, useState } from "react";
import type { Theme } from "../map/palette.ts";
import { saveFile } from "../page/save-file.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer } from "../remote/use-session.ts";
import "./sequence.css";

interface SequencePanelProps {
  readonly session: RemoteSession;
  readonly version: number;
  readonly theme: Theme;
}

/** What firmware, kernel, notifiers, udev and the monitor said to each other during something that was done. */
export function SequencePanel({ session, version, theme }: SequencePanelProps): ReactNode {
  // Whoever chose none follows what is done.
  const [wanted, want] = useState<number | undefined>();
  const view = useAnswer(() => session.host.sequence(wanted), [session, version, wanted]);
  const svg = useMemo(
    () => (view === undefined ? "" : sequenceSvg(view.sequence, { theme, idPrefix: "told-sequence" })),
    [view, theme],
  );
  if (view === undefined) return <p className="quiet">Looking…</p>;
  const { marks, shown, sequence } = view;
  return (
    <div className="sequence">
      <div className="row">
        <label>
          during
          <select
            value={wanted === undefined ? "" : String(shown)}
            onChange={(event) => want(event.target.value === "" ? undefined : Number(event.target.value))}
          >
            <option value="">{`the newest${marks.length === 0 ? "" : `: ${marks.at(-1)?.text}`}`}</option>
            {marks.toReversed().map(({ number, text }) => (
              <option key={number} value={number}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          aria-disabled={sequence.messages.length === 0}
          onClick={() => {
            const file = sequenceSvg(sequence);
            if (sequence.messages.length > 0) saveFile("memhp-sequence.svg", file, "image/svg+xml");
          }}
        >
          Save as SVG
        </button>
      </div>
      {sequence.messages.length === 0 ? (
        <p className="quiet">
          {marks.length === 0
            ? "Nothing was done to this machine yet. Write to a block, or insert a DIMM: here stands who spoke to whom."
            : "Nobody spoke to anybody."}
        </p>
      ) : (
        <div
          className="drawn"
          role="region"
          tabIndex={0}
          aria-label="Sequence"
          // Built by @memhp/diagram, with everything escaped.
          dangerouslySetInnerHTML={{ __html: svg }}
        />
      )}
    </div>
  );
}
