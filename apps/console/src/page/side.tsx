import type { ReactNode } from "react";
import { BootPanel } from "../panels/boot-panel.tsx";
import { OpenPanel } from "../panels/open-panel.tsx";
import { ServerMachines } from "../panels/server-machines.tsx";
import type { RemoteSession } from "../remote/remote-session.ts";
import type { Answer } from "../session/answer.ts";
import type { BootForm, Catalogue } from "../session/boot-form.ts";
import { type ChosenOperation, DevicePanels } from "./device-panels.tsx";
import type { Contents } from "./file-contents.ts";
import { useKeptFocus } from "./kept-focus.ts";
import type { PageEvent } from "./page-machine.ts";

export { EventList } from "../panels/event-list.tsx";

interface SideProps {
  readonly session: RemoteSession | undefined;
  readonly form: BootForm;
  readonly catalogue: Catalogue | undefined;
  readonly answer: Answer | undefined;
  readonly chosen: ChosenOperation | undefined;
  readonly blocked: boolean;
  readonly send: (event: PageEvent) => void;
  /** Another machine, by what it is called and how it is read. */
  readonly open: (source: string, read: () => Promise<Contents>) => void;
  /** The same of a file, which may hold something else. */
  readonly openFile: (source: string, read: () => Promise<Contents>) => void;
}

/** Other machines and files, and the devices of this one: nobody needs them before there is a machine to see. */
export function Side(props: SideProps): ReactNode {
  const { session, form, catalogue, answer, chosen, blocked, send, open, openFile } = props;
  useKeptFocus();
  return (
    <>
      <BootPanel
        key={form.kernel}
        form={form}
        catalogue={catalogue}
        running={session?.view.kernel}
        problem={answer?.tone === "error" && answer.command === "boot" ? answer.text : ""}
        boot={(wanted) => send({ type: "BOOT", form: wanted })}
      />
      <ServerMachines open={open} />
      <OpenPanel open={openFile} />
      {session !== undefined && (
        <DevicePanels
          session={session}
          answer={answer}
          chosen={chosen}
          blocked={blocked}
          run={(command) => send({ type: "RUN", command })}
        />
      )}
    </>
  );
}
