import { type ChildProcess, fork } from "node:child_process";

/** What a worker says: that it may be given jobs, what a list of them came to, or what it dies of. */
export type Said<Result> =
  | { readonly ready: true }
  | { readonly partial: Result }
  | { readonly results: readonly Result[] }
  | { readonly died: string };

/** How a worker ended that nobody had told to. */
export interface Death {
  readonly why: string;
  /** By a signal that somebody sent it: no fault of what it had in hand. */
  readonly isKilled: boolean;
}

/** Garbage of a run is gone after it: a small young generation stays in the processor's cache, also beside others. */
const OWN_FLAGS = ["--max-semi-space-size=8"];
/** Of the flags of this process those on which it depends what a worker finds, and how much it may have. */
const PASSED_ON = /^(?:--conditions|-C|--max-old-space-size|--stack-size|--wasm-)/;

/** @returns flags for workers of a process that has these. */
export function workerFlags(flags: readonly string[]): string[] {
  const passed = flags.flatMap((flag, i) => {
    if (!PASSED_ON.test(flag)) return [];
    // A value stands behind its flag, or is the next word.
    return /^(?:--conditions|-C)$/.test(flag) ? [flag, flags[i + 1] ?? ""] : [flag];
  });
  return [...passed, ...OWN_FLAGS];
}

const OUTSIDE: ReadonlySet<string> = new Set(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"]);
/** What is kept of what a worker says of its end. */
const TAIL = 4096;

/** Of workers under way nothing stays when this process ends, however it does: those that it cannot tell notice by themselves. */
const alive = new Set<ChildProcess>();
function killAll(): void {
  for (const child of alive) child.kill("SIGKILL");
}

/** A program in a process of its own, which takes messages and answers. */
export class WorkerProcess<Result> {
  readonly #child: ChildProcess;
  #stderr = "";
  #lastWords: string | undefined;
  #isClosed = false;

  /**
   * @param program path of what calls `serveJobs`
   * @param begin what it is told first
   */
  constructor(
    program: string,
    begin: unknown,
    heard: { readonly said: (said: Said<Result>) => void; readonly died: (death: Death) => void },
  ) {
    const child = fork(program, [], {
      serialization: "advanced",
      execArgv: workerFlags(process.execArgv),
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child = child;
    if (alive.size === 0) process.once("exit", killAll);
    alive.add(child);
    const ended = (death: Death): void => {
      alive.delete(child);
      if (alive.size === 0) process.off("exit", killAll);
      if (!this.#isClosed) heard.died(death);
      this.#isClosed = true;
    };
    child.stderr?.on("data", (data: Buffer) => (this.#stderr = (this.#stderr + data.toString()).slice(-TAIL)));
    child.on("message", (said: Said<Result>) => {
      if ("died" in said) this.#lastWords = said.died;
      else if (!this.#isClosed) heard.said(said);
    });
    // A process that could not be started has no end.
    child.on("error", (error) => {
      if (child.pid === undefined) ended({ why: error.message, isKilled: false });
    });
    // After all that it said.
    child.once("close", (code, signal) => ended(this.#death(code, signal)));
    this.send(begin);
  }

  send(message: unknown): void {
    // Of what does not arrive the end of the process tells.
    this.#child.send(message as object, () => {});
  }

  /** It goes on for ever: this is why it ends. */
  end(why: string): void {
    this.#lastWords = why;
    this.#child.kill("SIGKILL");
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { exitCode, signalCode, pid } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const gone = new Promise((resolve) => {
      this.#child.once("exit", resolve);
    });
    this.#child.kill("SIGKILL");
    await gone;
  }

  #death(code: number | null, signal: NodeJS.Signals | null): Death {
    const isKilled = signal !== null && OUTSIDE.has(signal) && this.#lastWords === undefined;
    if (isKilled) return { why: `the worker was killed by ${signal}`, isKilled };
    if (this.#stderr.includes("JavaScript heap out of memory"))
      return { why: "JavaScript heap out of memory", isKilled };
    const told = this.#lastWords ?? /^\w*Error\b.*/m.exec(this.#stderr)?.[0];
    return { why: told ?? `the worker ended with ${signal ?? `code ${String(code)}`}`, isKilled };
  }
}
