import { ruleSources, sectionOf } from "@memhp/abi";
import { micromark } from "micromark";
import { gfmTable, gfmTableHtml } from "micromark-extension-gfm-table";
import { type ReactNode, useEffect, useRef, useState } from "react";
import "./facts.css";

// The documents that `memhp rule` and the documentation show; never copied.
const documents = import.meta.glob<string>("../../../../tools/conformance/facts/*.md", {
  query: "?raw",
  import: "default",
});

/** HTML of Markdown. Elements that the text names itself (`<arch>`) stay text. */
function pageOf(markdown: string): string {
  return micromark(markdown, { extensions: [gfmTable()], htmlExtensions: [gfmTableHtml()] });
}

async function textOf(name: string): Promise<string> {
  const [source] = ruleSources(name);
  const load = Object.entries(documents).find(([path]) => path.endsWith(`/${source?.document}.md`))?.[1];
  const text = load === undefined ? undefined : sectionOf(await load(), source?.section ?? "");
  return text ?? `${name} is not in the facts.`;
}

interface FactDialogProps {
  readonly name: string;
  readonly close: () => void;
}

/** A section of the facts, which `memhp rule` prints. */
export function FactDialog({ name, close }: FactDialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("Loading…");
  useEffect(() => {
    dialog.current?.showModal();
    let isWanted = true;
    textOf(name).then(
      (found) => isWanted && setText(found),
      () => isWanted && setText("The facts could not be loaded: is the server that this page came from still there?"),
    );
    return () => {
      isWanted = false;
    };
  }, [name]);
  return (
    <dialog ref={dialog} className="fact-dialog" aria-label={name} onClose={close}>
      <div className="row">
        <h2>{name}</h2>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      <div className="fact-text" role="document" tabIndex={0} dangerouslySetInnerHTML={{ __html: pageOf(text) }} />
      <p className="quiet">
        <code>{`memhp rule "${name}"`}</code> prints this section.
      </p>
    </dialog>
  );
}
