import { useActorRef, useSelector } from "@xstate/react";
import { type ReactNode, useEffect } from "react";
import { AnswerView } from "../panels/answer-view.tsx";
import { BootPanel } from "../panels/boot-panel.tsx";
import { OpenPanel } from "../panels/open-panel.tsx";
import { defaultForm } from "../session/boot-form.ts";
import { livePageMachine } from "./page-actors.ts";
import { TopBar } from "./top-bar.tsx";
import { useFileDrop } from "./file-drop.ts";
import { useTheme } from "./theme.ts";
import { DevicePanels, Workbench } from "./workbench.tsx";

/** The whole page. */
export function App(): ReactNode {
  const page = useActorRef(livePageMachine, { input: { form: defaultForm } });
  const { context, value } = useSelector(page, (snapshot) => snapshot);
  const busy = useSelector(page, (snapshot) => snapshot.hasTag("busy"));
  const { theme, choice, choose } = useTheme();
  const open = (source: string, text: () => Promise<string>): void => page.send({ type: "OPEN", source, text });
  const dropping = useFileDrop(open);
  const { session, answer } = context;
  useEffect(() => {
    document.documentElement.dataset["page"] = value;
  }, [value]);
  return (
    <div className="page" aria-busy={busy} data-dropping={dropping || undefined}>
      <TopBar session={session} open={context.open} busy={busy} choice={choice} choose={choose} />
      <aside className="side" aria-label="Machine and files">
        <BootPanel form={context.form} busy={busy} boot={(form) => page.send({ type: "BOOT", form })} />
        <OpenPanel busy={busy} open={open} />
        {session !== undefined && (
          <DevicePanels session={session} busy={busy} run={(command) => page.send({ type: "RUN", command })} />
        )}
      </aside>
      {session === undefined ? (
        <main className="empty">{value === "failed" ? <AnswerView answer={answer} /> : <p>Booting…</p>}</main>
      ) : (
        <Workbench
          key={context.open === undefined ? "machine" : context.open.replay.document.name}
          session={session}
          open={context.open}
          answer={answer}
          busy={busy || value === "failed"}
          theme={theme}
          run={(command) => page.send({ type: "RUN", command })}
          step={(to) => page.send({ type: "STEP", to })}
        />
      )}
      {dropping && <div className="drop-hint">Drop a scenario or kernel trace to open it</div>}
    </div>
  );
}
