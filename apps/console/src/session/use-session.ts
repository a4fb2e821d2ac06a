import { useSyncExternalStore } from "react";
import type { Session } from "./session.ts";

/** Renders anew whenever the session has something new; gives its version. */
export function useSession(session: Session): number {
  return useSyncExternalStore(session.subscribe, session.version);
}
