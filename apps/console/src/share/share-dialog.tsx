import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Theme } from "../map/palette.ts";
import { saveFile } from "../page/save-file.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { countWords } from "../words/size-words.ts";
import { timeWords } from "../words/time-words.ts";
import { chartPicture } from "./chart-picture.ts";
import { linkOf } from "./link.ts";
import { mapPicture } from "./map-picture.ts";
import { type Picture, pngOf } from "./svg.ts";
import "./share.css";

interface ShareDialogProps {
  readonly session: RemoteSession;
  /** What the files are called. */
  readonly name: string;
  readonly theme: Theme;
  readonly close: () => void;
}

/** The machine and what was done to it, for others: as a link, as files, as pictures. */
export function ShareDialog({ session, name, theme, close }: ShareDialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const [link, setLink] = useState("");
  const [said, setSaid] = useState("");
  useEffect(() => dialog.current?.showModal(), []);
  const { host, view } = session;
  const title = `memhp: ${name}, ${view.kernel}, ${timeWords(view.nowNs)}`;
  const trying = async (act: () => Promise<string>): Promise<void> => {
    setSaid("");
    try {
      setSaid(await act());
    } catch (error) {
      setSaid((error as Error).message);
    }
  };
  const scenario = async (): Promise<string> => {
    const text = await session.orLost(host.scenario());
    if (text !== undefined) return text;
    throw new Error("This machine came of a file, not of a scenario: its image says all that there is to say.");
  };
  const file = (label: string, ending: string, contents: () => Promise<string | Uint8Array | Blob>): ReactNode => (
    <button
      type="button"
      onClick={() =>
        void trying(async () => {
          saveFile(`${name}${ending}`, await session.orLost(contents()));
          return `${name}${ending} is saved.`;
        })
      }
    >
      {label}
    </button>
  );
  const drawn = (what: string, draw: () => Promise<Picture>): ReactNode => (
    <>
      {file(`${what} as PNG`, `.${what.toLowerCase()}.png`, async () => pngOf(await draw()))}
      {file(
        `${what} as SVG`,
        `.${what.toLowerCase()}.svg`,
        async () => new Blob([(await draw()).svg], { type: "image/svg+xml" }),
      )}
    </>
  );
  const makeLink = (): Promise<void> =>
    trying(async () => {
      const made = await linkOf(await scenario(), location.href);
      setLink(made);
      try {
        await navigator.clipboard.writeText(made);
        return `The link, ${countWords(made.length)} characters, is copied. Whoever opens it gets this machine; it goes to no server.`;
      } catch {
        return `The link has ${countWords(made.length)} characters. Whoever opens it gets this machine; it goes to no server.`;
      }
    });
  const { dropped } = view.events;
  return (
    <dialog ref={dialog} className="palette share" aria-label="Share" onClose={close}>
      <h2>Share</h2>
      <p className="quiet">As a link, the machine and every step that was taken.</p>
      <div className="row">
        <button type="button" onClick={() => void makeLink()}>
          Make a link
        </button>
        <input aria-label="Link" readOnly value={link} onFocus={(event) => event.target.select()} />
      </div>
      <p className="quiet">
        As files: what <code>memhp run</code> does again, or goes on from.
      </p>
      <div className="row">
        {file("Save as scenario", ".memhp.json", scenario)}
        {file("Save the machine", ".memhp", () => host.image())}
      </div>
      <p className="quiet">
        {`All events${dropped === 0 ? "" : ` but the oldest ${countWords(dropped)}, which were let go`}: for ui.perfetto.dev, or one JSON a line.`}
      </p>
      <div className="row">
        {file("Events for Perfetto", ".perfetto.json", () => host.exported("perfetto"))}
        {file("Events as JSON lines", ".jsonl", () => host.exported("jsonl"))}
      </div>
      <p className="quiet">As pictures, in the page's colours.</p>
      <div className="row">
        {drawn("Map", async () => mapPicture(session.columns(), title, theme))}
        {drawn("Charts", async () => chartPicture(await session.orLost(host.series()), title, theme))}
      </div>
      <p role="status" aria-label="What became of it">
        {said}
      </p>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
