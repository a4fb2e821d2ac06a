import type { ReactNode } from "react";
import { FactWords } from "../facts/fact-words.tsx";
import { piecesOf } from "./glossary.ts";
import { Term } from "./term.tsx";

/** A sentence whose terms say what they mean, and whose facts open. */
export function Terms({ text }: { readonly text: string }): ReactNode {
  return piecesOf(text).map((piece, i) =>
    i % 2 === 1 ? <Term key={i} name={piece} /> : <FactWords key={i} text={piece} />,
  );
}
