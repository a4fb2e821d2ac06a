import { type ReactNode, useEffect, useState } from "react";
import { AnswerView } from "../panels/answer-view.tsx";
import type { RemoteSession } from "../remote/remote-session.ts";
import type { BootForm, Catalogue } from "../session/boot-form.ts";
import type { ChosenOperation } from "./device-panels.tsx";
import { usePageMachine } from "./use-page-machine.ts";
import type { Contents } from "./file-contents.ts";
import type { PageEvent } from "./page-machine.ts";
import { Part } from "./part.tsx";
import { useAnswerFile, useSharedLink } from "./use-shared.ts";
import { usePalette } from "./use-palette.ts";
import { TopBar } from "./top-bar.tsx";
import { isSweepResults } from "../sweep/results-text.ts";
import { useFileDrop } from "./file-drop.ts";
import { useTheme } from "./theme.ts";
import { Workbench } from "./workbench.tsx";

// What a first picture does without.
const sideOf = async () => (await import("./side.tsx")).Side;
const sweepSheetOf = async () => (await import("../sweep/sweep-sheet.tsx")).SweepSheet;
const shareDialog = async () => (await import("../share/share-dialog.tsx")).ShareDialog;
const paletteOf = async () => (await import("./page-palette.tsx")).PagePalette;

/** The whole page. */
export function App(): ReactNode {
  const [page, snapshot] = usePageMachine();
  const { context, value } = snapshot;
  const busy = snapshot.hasTag("busy");
  // What is done while a command runs waits for it; while another machine comes up nothing can be done.
  const blocked = value !== "ready" && value !== "running";
  const { theme, choice, choose: chooseTheme } = useTheme();
  const open = (source: string, text: () => Promise<Contents>): void => page.send({ type: "OPEN", source, text });
  const [results, setResults] = useState<{ readonly source: string; readonly text: string } | undefined>();
  const openFile = async (source: string, read: () => Promise<Contents>): Promise<void> => {
    const contents = read();
    const text = await contents.catch(() => undefined);
    if (isSweepResults(text)) setResults({ source, text });
    else open(source, () => contents);
  };
  const dropping = useFileDrop((source, read) => void openFile(source, read));
  const { session, answer } = context;
  const catalogue = useCatalogue(session);
  useEffect(() => {
    const show = (state: unknown): void => {
      document.documentElement.dataset["page"] = String(state);
    };
    show(page.getSnapshot().value);
    // At once, and not when it is drawn: whoever drives the page waits for it.
    const heard = page.subscribe((snapshot) => show(snapshot.value));
    return () => heard.unsubscribe();
  }, [page]);
  useEffect(() => {
    session?.lost.catch((error: unknown) => page.send({ type: "LOST", session, error }));
  }, [page, session]);
  useAnswerFile(answer);
  useSharedLink((text) => page.send({ type: "OPEN", source: "the link", text, toEnd: true }));
  const [isSharing, setSharing] = useState(false);
  const palette = usePalette();
  const [chosen, choose] = useState<ChosenOperation | undefined>();
  return (
    <div className="page" aria-busy={busy} data-dropping={dropping || undefined}>
      <nav className="skips" aria-label="Skip">
        {session !== undefined && <a href="#map">To the map</a>}
        {session !== undefined && <a href="#block">To the chosen block</a>}
        <a href="#machine">To the machine</a>
      </nav>
      <TopBar
        session={session}
        open={context.open}
        doing={busy ? value : undefined}
        waiting={Math.max(0, context.waiting.length - 1)}
        showPalette={palette.open}
        cancel={() => page.send({ type: "CANCEL" })}
        share={() => setSharing(true)}
        choice={choice}
        choose={chooseTheme}
      />
      {session === undefined ? (
        <main className="empty">{value === "failed" ? <AnswerView answer={answer} /> : <p>Booting…</p>}</main>
      ) : (
        <Workbench
          key={session.number}
          session={session}
          open={context.open}
          asksFor={context.asksFor}
          byHand={context.byHand}
          answer={answer}
          busy={busy}
          blocked={blocked}
          theme={theme}
          send={(event) => page.send(event)}
        />
      )}
      <aside className="side" id="machine" tabIndex={-1} aria-label="Machine and files">
        {(session !== undefined || value === "failed") && (
          <Part
            load={sideOf}
            name="the forms of the machine"
            props={{
              session,
              form: context.form,
              catalogue,
              answer,
              chosen,
              blocked,
              send: (event: PageEvent) => page.send(event),
              open,
              openFile: (source: string, read: () => Promise<Contents>) => void openFile(source, read),
            }}
          />
        )}
      </aside>
      {palette.isOpen && (
        <Part
          load={paletteOf}
          name="the list of what can be done"
          props={{
            session,
            catalogue,
            open,
            chooseTheme,
            boot: (part: Partial<BootForm>) => page.send({ type: "BOOT", form: { ...context.form, ...part } }),
            chooseOperation: (op: string) => choose({ op }),
            share: () => setSharing(true),
            close: palette.close,
          }}
        />
      )}
      {results !== undefined && (
        <Part
          load={sweepSheetOf}
          name="the results of a sweep"
          props={{ ...results, close: () => setResults(undefined) }}
        />
      )}
      {isSharing && session !== undefined && (
        <Part
          load={shareDialog}
          name="sharing"
          props={{ session, name: context.open?.name ?? "session", theme, close: () => setSharing(false) }}
        />
      )}
      {dropping && (
        <div className="drop-hint" role="status">
          Drop a scenario, a kernel trace, a captured host, an image or results of a sweep to open it
        </div>
      )}
    </div>
  );
}

/** The kernels that there are, once a worker has told. */
function useCatalogue(session: RemoteSession | undefined): Catalogue | undefined {
  const [catalogue, setCatalogue] = useState<Catalogue | undefined>();
  useEffect(() => {
    if (session === undefined || catalogue !== undefined) return;
    session.host.catalogue().then(setCatalogue, () => {});
  }, [session, catalogue]);
  return catalogue;
}
