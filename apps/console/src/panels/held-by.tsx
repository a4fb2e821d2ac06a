import type { ReactNode } from "react";
import type { RemoteSession } from "../remote/remote-session.ts";
import { Reason } from "./answer-view.tsx";
import { useAnswer } from "../remote/use-session.ts";

/** What keeps a write in the background from coming to its end. */
export function HeldBy({ session, name }: { readonly session: RemoteSession; readonly name: string }): ReactNode {
  const block = /^memory(\d+)$/.exec(name)?.[1];
  const outlook = useAnswer(
    async () => (block === undefined ? undefined : session.host.outlook(Number(block))),
    [session, session.view.nowNs, block],
  );
  const held = outlook?.refusals[0];
  if (held === undefined) return null;
  return <Reason group={held} />;
}
