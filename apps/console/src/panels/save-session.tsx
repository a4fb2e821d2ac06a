import { type ReactNode, useState } from "react";
import { saveFile } from "../page/save-file.ts";
import type { RemoteSession } from "../remote/remote-session.ts";

/** What was done here, as a scenario that `memhp run` does again. */
export function SaveSession({ session, name }: { readonly session: RemoteSession; readonly name: string }): ReactNode {
  const [unsaid, setUnsaid] = useState<readonly string[]>([]);
  const save = async (): Promise<void> => {
    const scenario = await session.orLost(session.host.scenario());
    setUnsaid(scenario.unsaid);
    saveFile(`${name}.memhp.json`, scenario.text);
  };
  return (
    <>
      <button type="button" onClick={() => void save()}>
        Save as scenario
      </button>
      {unsaid.length > 0 && (
        <span role="alert">{`Not in the file, since no step can say it: ${unsaid.join("; ")}`}</span>
      )}
    </>
  );
}
