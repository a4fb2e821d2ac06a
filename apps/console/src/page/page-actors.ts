import { fromPromise } from "xstate";
import type { Answer } from "../session/answer.ts";
import { RemoteSession } from "../remote/remote-session.ts";
import { type Booted, type BootRequest, type OpenRequest, pageMachine } from "./page-machine.ts";

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

const welcome: Answer = {
  tone: "done",
  command: "reload",
  text: "The machine is back as you left it. Events of before are not kept; Boot starts another.",
  refusals: [],
};

/** The page's statechart with the real machine behind it. */
export const livePageMachine: typeof pageMachine = pageMachine.provide({
  actors: {
    boot: fromPromise<Booted, BootRequest>(async ({ input: { form, isFirst }, signal }) => {
      const [session, restored] = await inNewWorker(signal, async (started) => {
        const back = isFirst ? await started.restore() : undefined;
        if (back === undefined) await started.boot(form);
        return back;
      });
      return restored === undefined ? { session, open: undefined } : { session, ...restored, answer: welcome };
    }),
    open: fromPromise<Booted, OpenRequest>(async ({ input, signal }) => {
      const text = await input.text();
      const [session, { open, words, kernel }] = await inNewWorker(signal, (started) =>
        started.open(text, input.source, input.workers, input.toEnd),
      );
      if (words === undefined) return { session, open, kernel };
      const answer: Answer = { tone: "done", command: `open ${input.source}`, text: words, refusals: [] };
      return { session, open, answer, kernel };
    }),
    step: fromPromise(async ({ input: { session, to, workers } }): Promise<Booted> => ({
      session,
      open: await session.step(to, workers),
    })),
    run: fromPromise(({ input: { session, command } }): Promise<Answer> => session.run(command)),
  },
});
