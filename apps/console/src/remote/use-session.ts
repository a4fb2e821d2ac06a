import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { RemoteSession } from "./remote-session.ts";

/** Renders anew whenever the session has something new; gives its version. */
export function useSession(session: RemoteSession): number {
  return useSyncExternalStore(session.subscribe, session.version);
}

/**
 * The answer to a question about the machine, asked anew when a key changes, one at a time and then with the newest keys;
 * the answer before stays meanwhile.
 * @returns undefined before the first.
 */
export function useAnswer<T>(ask: () => Promise<T>, keys: readonly unknown[]): T | undefined {
  const [answer, setAnswer] = useState<T | undefined>();
  const newest = useRef(ask);
  const state = useRef<"idle" | "asking" | "stale">("idle");
  const isThere = useRef(true);
  newest.current = ask;
  useEffect(() => {
    isThere.current = true;
    return () => {
      isThere.current = false;
    };
  }, []);
  useEffect(() => {
    const go = async (): Promise<void> => {
      if (state.current !== "idle") {
        state.current = "stale";
        return;
      }
      do {
        state.current = "asking";
        try {
          const given = await newest.current();
          if (isThere.current) setAnswer(() => given);
        } catch {
          // A machine that is gone is told of elsewhere; here the answer just does not come.
        }
      } while (isThere.current && (state.current as string) === "stale");
      state.current = "idle";
    };
    void go();
  }, keys);
  return answer;
}
