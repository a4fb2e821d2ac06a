import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { FactWords } from "../facts/fact-words.tsx";
import { glossary } from "./glossary.ts";

/**
 * A word of the field: what it means is shown to a pointer that rests on it and to the keyboard, and where more of it is written.
 * Escape uncovers what lies behind.
 */
export function Term({ name }: { readonly name: string }): ReactNode {
  const term = glossary[name];
  const id = useId();
  const [isShut, setShut] = useState(false);
  if (term === undefined) return name;
  const press = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || isShut) return;
    event.stopPropagation();
    setShut(true);
  };
  const open = (): void => setShut(false);
  return (
    <span
      className="term"
      tabIndex={0}
      aria-describedby={id}
      data-shut={isShut || undefined}
      onKeyDown={press}
      onBlur={open}
      onPointerLeave={open}
    >
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
