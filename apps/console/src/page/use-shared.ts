import { useEffect, useRef } from "react";
import { saveFile } from "./save-file.ts";
import type { Answer } from "../session/answer.ts";

/** What stands behind the `#` of the address, where it is a scenario that somebody shared. */
function packed(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get("scenario");
}

/** Opens a scenario that the address holds: now, and when another is put there. */
export function useSharedLink(open: (text: () => Promise<string>) => void): void {
  const newest = useRef(open);
  newest.current = open;
  useEffect(() => {
    const look = (): void => {
      const found = packed();
      if (found === null) return;
      newest.current(async () => (await import("../share/link.ts")).scenarioOf(found));
      // What is done from here on is another machine than the link's; a reload brings that one back.
      history.replaceState(undefined, "", location.pathname + location.search);
    };
    look();
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
}

/** Gives the person the file that a step made. */
export function useAnswerFile(answer: Answer | undefined): void {
  const file = answer?.file;
  useEffect(() => {
    if (file !== undefined) saveFile(file.name, file.bytes);
  }, [file]);
}
