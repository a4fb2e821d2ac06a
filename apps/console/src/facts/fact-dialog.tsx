import { ruleSources, sectionOf } from "@memhp/abi";
import { type ReactNode, useEffect, useRef, useState } from "react";
import "./facts.css";

// The documents that `memhp rule` and the documentation show; never copied.
const documents = import.meta.glob<string>("../../../../tools/conformance/facts/*.md", {
  query: "?raw",
  import: "default",
});

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

/** A section of the facts, as `memhp rule` prints it. */
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
      <pre tabIndex={0}>{text}</pre>
      <p className="quiet">
        <code>{`memhp rule "${name}"`}</code> prints this section.
      </p>
    </dialog>
  );
}
