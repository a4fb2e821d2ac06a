import { useEffect, useState } from "react";
import type { OperationView } from "../session/operations.ts";
import type { RemoteSession } from "./remote-session.ts";

/** All operations: the same whatever the machine, so they are asked for once. */
let known: readonly OperationView[] | undefined;

export interface Operations {
  /** Undefined until they are there. */
  readonly operations: readonly OperationView[] | undefined;
  /** Why they did not come. */
  readonly failed: string;
  readonly again: () => void;
}

/** What can be done to a machine, as its worker tells. */
export function useOperations(session: RemoteSession | undefined): Operations {
  const [operations, setOperations] = useState(known);
  const [failed, setFailed] = useState("");
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (operations !== undefined || session === undefined) return undefined;
    let isWanted = true;
    const ask = async (): Promise<void> => {
      try {
        known = await session.orLost(session.host.operations());
        if (isWanted) setOperations(known);
      } catch (error) {
        if (isWanted) setFailed((error as Error).message);
      }
    };
    void ask();
    return () => {
      isWanted = false;
    };
  }, [session, operations, attempt]);
  const again = (): void => {
    setFailed("");
    setAttempt(attempt + 1);
  };
  return { operations, failed, again };
}
