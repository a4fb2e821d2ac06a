import { useEffect, useRef, useState } from "react";
import { type Contents, contentsOf } from "./file-contents.ts";

/** Takes files that are dropped anywhere on the page. @returns whether one hangs over it now. */
export function useFileDrop(open: (source: string, text: () => Promise<Contents>) => void): boolean {
  const [over, setOver] = useState(false);
  const newest = useRef(open);
  newest.current = open;
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const hover = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes("Files") !== true) return;
      event.preventDefault();
      setOver(true);
    };
    addEventListener("dragover", hover, { signal });
    addEventListener("dragleave", (event) => event.relatedTarget === null && setOver(false), { signal });
    addEventListener(
      "drop",
      (event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file !== undefined) newest.current(file.name, () => contentsOf(file));
      },
      { signal },
    );
    return () => stop.abort();
  }, []);
  return over;
}
