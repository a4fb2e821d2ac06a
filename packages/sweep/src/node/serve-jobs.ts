import { on } from "node:events";
import module from "node:module";
import { turn } from "../turn.ts";
import type { Said } from "./worker-process.ts";

/**
 * The worker's side of a pool: is told once what there is to do, and then carries out each list of jobs, one after another.
 * @param prepare makes of what it is told first what carries a job out, and may tell what that has come to so far.
 */
export async function serveJobs(
  prepare: (begin: unknown) => (job: number, tell: (partial: unknown) => void) => Promise<unknown>,
): Promise<void> {
  const say = (said: Said<unknown>, then = (): void => {}): void => {
    if (process.send === undefined) throw new Error("jobs are served in a process that another has started for it");
    process.send(said, then);
  };
  // A terminal tells everybody at once: whoever gave the jobs says what comes of them.
  process.on("SIGINT", () => {});
  process.once("disconnect", () => process.exit());
  process.once("uncaughtException", (error: unknown) =>
    say({ died: error instanceof Error ? error.message : String(error) }, () => process.exit(1)),
  );
  const messages = on(process, "message") as AsyncIterableIterator<[unknown]>;
  const first = await messages.next();
  const perform = prepare((first.value as [unknown])[0]);
  // Where code is kept compiled (NODE_COMPILE_CACHE) the next worker finds it, however this one ends. Older Node has no such thing.
  (module as { flushCompileCache?: () => void }).flushCompileCache?.();
  say({ ready: true });
  for await (const [jobs] of messages) {
    const results: unknown[] = [];
    for (const job of jobs as readonly number[]) {
      results.push(await perform(job, (partial) => say({ partial })));
      // So that it is heard that nobody waits for the others any more.
      await turn();
    }
    say({ results });
  }
}
