import type { ReactNode } from "react";
import { saveFile } from "../page/save-file.ts";
import type { RemoteSession } from "../remote/remote-session.ts";

/** What was done here, as a scenario that `memhp run` does again. */
export function SaveSession({ session, name }: { readonly session: RemoteSession; readonly name: string }): ReactNode {
  const save = async (): Promise<void> => saveFile(`${name}.memhp.json`, await session.orLost(session.host.scenario()));
  return (
    <button type="button" onClick={() => void save()}>
      Save as scenario
    </button>
  );
}
