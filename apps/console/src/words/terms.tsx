import type { ReactNode } from "react";
import { FactWords } from "../facts/fact-words.tsx";
import { piecesOf } from "./glossary.ts";
import { Term } from "./term.tsx";

/** A sentence whose terms say what they mean, whose facts open, and whose names of files, in backticks, stand as code. */
export function Terms({ text }: { readonly text: string }): ReactNode {
  return text.split("`").map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : <Words key={i} text={part} />));
}

function Words({ text }: { readonly text: string }): ReactNode {
  return piecesOf(text).map((piece, i) =>
    i % 2 === 1 ? <Term key={i} name={piece} /> : <FactWords key={i} text={piece} />,
  );
}
