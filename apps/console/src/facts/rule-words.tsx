import { ruleSources } from "@memhp/abi";
import { type ReactNode, useState } from "react";
import { Part } from "../page/part.tsx";

// The facts are long, and most people never ask for them.
const factDialog = async () => (await import("./fact-dialog.tsx")).FactDialog;

/** Words that name a section of the facts: each section opens where it is named. */
export function RuleWords({ text }: { readonly text: string }): ReactNode {
  const [open, setOpen] = useState<string | undefined>();
  const sources = ruleSources(withDocuments(text));
  if (sources.length === 0) return text;
  return (
    <>
      {sources.map((source, i) => {
        const name = `${source.document === "kernel" ? "facts" : source.document} §${source.section}`;
        return (
          <span key={source.address}>
            {i === 0 ? "" : ", "}
            <button type="button" className="fact" aria-haspopup="dialog" onClick={() => setOpen(name)}>
              {name}
            </button>
          </span>
        );
      })}
      {open !== undefined && (
        <Part load={factDialog} name="the facts" props={{ name: open, close: () => setOpen(undefined) }} />
      )}
    </>
  );
}

/** `facts §3.1, §7` names the document once; each section is looked up by its own. */
function withDocuments(text: string): string {
  let document = "";
  return text.replaceAll(/(?:\b(facts|observed-[\w.]+) )?§\s?(?=\d)/g, (_all, named?: string) => {
    document = named ?? document;
    return `${document === "" ? "" : `${document} `}§`;
  });
}
