import { type ReactNode, useState } from "react";
import { Part } from "../page/part.tsx";

// The facts are long, and most people never ask for them.
const factDialog = async () => (await import("./fact-dialog.tsx")).FactDialog;

/** `facts §3.1, §7` names the document once. */
const named = /((?:\b(?:facts|observed-(?:4\.1|6|newer)) )?§\s?\d+(?:\.\d+)?)/;

/** A text in which each section of the facts opens where it is named. */
export function FactWords({ text }: { readonly text: string }): ReactNode {
  const [open, setOpen] = useState<string | undefined>();
  let document = "facts";
  const pieces = text.split(named).map((piece, i) => {
    if (i % 2 === 0) return piece;
    const [, own, section = ""] = /^(?:(\S+) )?§\s?(.*)$/.exec(piece) ?? [];
    document = own ?? document;
    const name = `${document} §${section}`;
    return (
      <button key={i} type="button" className="fact" aria-haspopup="dialog" onClick={() => setOpen(name)}>
        {piece}
      </button>
    );
  });
  return (
    <>
      {pieces}
      {open !== undefined && (
        <Part load={factDialog} name="the facts" props={{ name: open, close: () => setOpen(undefined) }} />
      )}
    </>
  );
}
