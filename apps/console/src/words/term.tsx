import { type ReactNode, useId } from "react";
import { FactWords } from "../facts/fact-words.tsx";
import { glossary } from "./glossary.ts";

/** A word of the field: what it means is shown to a pointer that rests on it and to the keyboard, and where more of it is written. */
export function Term({ name }: { readonly name: string }): ReactNode {
  const term = glossary[name];
  const id = useId();
  if (term === undefined) return name;
  return (
    <span className="term" tabIndex={0} aria-describedby={id}>
      {name}
      <span className="meaning" id={id}>
        {term.meaning}
        {term.facts !== undefined && (
          <>
            {" "}
            <FactWords text={term.facts} />
          </>
        )}
      </span>
    </span>
  );
}
