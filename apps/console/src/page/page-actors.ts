import { fromPromise } from "xstate";
import type { Answer } from "../session/answer.ts";
import { type BootForm, bootFromForm } from "../session/boot-form.ts";
import { carryOut, type Command } from "../session/commands.ts";
import type * as Replays from "../replay/replay.ts";
import type { Session } from "../session/session.ts";
import { type Booted, type OpenReplay, type OpenRequest, pageMachine } from "./page-machine.ts";

// Reading scenarios needs a YAML parser and the runner; a page that never opens one does not load them.
const loadReplay = async (): Promise<Pick<typeof Replays, "openDocument" | "runUpTo">> => import("../replay/replay.ts");

/** A machine that nobody waits for any more is closed at once, with its workers. */
async function unlessAborted(signal: AbortSignal, session: Session): Promise<Session> {
  if (signal.aborted) await session.close();
  return session;
}

/** The page's statechart with the real machine behind it. */
export const livePageMachine: typeof pageMachine = pageMachine.provide({
  actors: {
    boot: fromPromise<Booted, BootForm>(async ({ input, signal }) => ({
      session: await unlessAborted(signal, await bootFromForm(input)),
      open: undefined,
    })),
    open: fromPromise<Booted, OpenRequest>(async ({ input, signal }) => {
      const { openDocument, runUpTo } = await loadReplay();
      const replay = await openDocument(await input.text(), input.source, input.workers);
      return {
        session: await unlessAborted(signal, await runUpTo(replay, 0, input.workers)),
        open: { replay, step: 0 },
      };
    }),
    step: fromPromise<Booted, { open: OpenReplay; to: number; workers: number }>(
      async ({ input: { open, to, workers }, signal }) => {
        const { runUpTo } = await loadReplay();
        const step = Math.max(0, Math.min(to, open.replay.document.steps.length));
        return {
          session: await unlessAborted(signal, await runUpTo(open.replay, step, workers)),
          open: { replay: open.replay, step },
        };
      },
    ),
    run: fromPromise<Answer, { session: Session; command: Command }>(({ input }) =>
      carryOut(input.session, input.command),
    ),
  },
});
