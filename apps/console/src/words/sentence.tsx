import { type ComponentType, type ReactNode, useEffect, useState } from "react";

interface SentenceProps {
  readonly text: string;
}

let terms: ComponentType<SentenceProps> | undefined;

/** A sentence at once; what its terms mean and where its facts are written comes behind it. */
export function Sentence({ text }: SentenceProps): ReactNode {
  const [Terms, setTerms] = useState(() => terms);
  useEffect(() => {
    if (Terms !== undefined) return undefined;
    let isThere = true;
    const load = async (): Promise<void> => {
      // Where the code does not come, the sentence stands as it is.
      const loaded = await import("./terms.tsx").catch(() => undefined);
      terms = loaded?.Terms;
      if (isThere) setTerms(() => terms);
    };
    void load();
    return () => {
      isThere = false;
    };
  }, [Terms]);
  return Terms === undefined ? text : <Terms text={text} />;
}
