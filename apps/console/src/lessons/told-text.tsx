import type { ReactNode } from "react";
import { glossary } from "./lessons.ts";

/** A sentence whose terms say what they mean, to a pointer that rests on them and to the keyboard. */
export function ToldText({ text }: { readonly text: string }): ReactNode {
  return text.split(/\[([^\]]+)\]/).map((part, i) => {
    const meaning = i % 2 === 1 ? glossary[part] : undefined;
    if (meaning === undefined) return part;
    return (
      <span key={i} className="term" tabIndex={0} title={meaning}>
        {part}
        <span className="hidden">{` (${meaning})`}</span>
      </span>
    );
  });
}
