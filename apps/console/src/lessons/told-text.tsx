import type { ReactNode } from "react";
import { Term } from "../words/term.tsx";

/** A sentence of a lesson: its terms stand in brackets. */
export function ToldText({ text }: { readonly text: string }): ReactNode {
  return text.split(/\[([^\]]+)\]/).map((part, i) => (i % 2 === 1 ? <Term key={i} name={part} /> : part));
}
