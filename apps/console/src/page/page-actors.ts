import { fromPromise } from "xstate";
import type { Answer } from "../session/answer.ts";
import type { BootForm } from "../session/boot-form.ts";
import { RemoteSession } from "../remote/remote-session.ts";
import { type Booted, type OpenRequest, pageMachine } from "./page-machine.ts";

/** Starts a worker with a machine. One that nobody waits for any more ends at once, whatever it is at. */
async function inNewWorker<T>(
  signal: AbortSignal,
  begin: (session: RemoteSession) => Promise<T>,
): Promise<[RemoteSession, T]> {
  const session = await RemoteSession.start();
  const end = (): void => session.close();
  if (signal.aborted) end();
  signal.addEventListener("abort", end);
  try {
    const begun = await begin(session);
    signal.removeEventListener("abort", end);
    return [session, begun];
  } catch (error) {
    end();
    throw error;
  }
}

/** The page's statechart with the real machine behind it. */
export const livePageMachine: typeof pageMachine = pageMachine.provide({
  actors: {
    boot: fromPromise<Booted, BootForm>(async ({ input, signal }) => {
      const [session] = await inNewWorker(signal, (started) => started.boot(input));
      return { session, open: undefined };
    }),
    open: fromPromise<Booted, OpenRequest>(async ({ input, signal }) => {
      const text = await input.text();
      const [session, open] = await inNewWorker(signal, (started) => started.open(text, input.source, input.workers));
      return { session, open };
    }),
    step: fromPromise(async ({ input: { session, to, workers } }): Promise<Booted> => ({
      session,
      open: await session.step(to, workers),
    })),
    run: fromPromise(({ input: { session, command } }): Promise<Answer> => session.run(command)),
  },
});
