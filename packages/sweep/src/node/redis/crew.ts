import { Sweep } from "../../sweep.ts";
import type { RunResult } from "../../sweep-runner.ts";
import { JobThread } from "../job-thread.ts";
import { sweepThreads } from "../sweep-threads.ts";
import type { RunsResult, SharedSweep } from "./shared-sweep.ts";

/** A thread, and the sweep whose runs it carries out. */
interface Member {
  sweep: string | undefined;
  thread: JobThread<RunResult> | undefined;
  isBusy: boolean;
}

/** Threads for the runs of whatever sweeps there are. */
export class Crew {
  readonly #members: readonly Member[];
  readonly #find: (sweep: string) => Promise<SharedSweep>;

  constructor(threads: number, find: (sweep: string) => Promise<SharedSweep>) {
    this.#members = Array.from({ length: threads }, () => ({ sweep: undefined, thread: undefined, isBusy: false }));
    this.#find = find;
  }

  get isBusy(): boolean {
    return this.#members.some(({ isBusy }) => isBusy);
  }

  /** Carries out runs from..to-1; no more at once than there are threads. */
  async perform(sweep: string, from: number, to: number): Promise<RunsResult> {
    const free = this.#members.filter(({ isBusy }) => !isBusy);
    const member = free.find((each) => each.sweep === sweep) ?? free[0];
    if (member === undefined) throw new Error("memhp bug: more runs at once than threads");
    member.isBusy = true;
    try {
      const thread = await this.#threadFor(member, sweep);
      return await thread.perform(Array.from({ length: to - from }, (_, i) => from + i));
    } finally {
      member.isBusy = false;
    }
  }

  async close(): Promise<void> {
    const threads = this.#members.flatMap(({ thread }) => thread ?? []);
    await Promise.all(threads.map((thread) => thread.close()));
  }

  async #threadFor(member: Member, sweep: string): Promise<JobThread<RunResult>> {
    if (member.sweep === sweep && member.thread !== undefined) return member.thread;
    await member.thread?.close();
    const { document, source, forks, image } = await this.#find(sweep);
    member.thread = new JobThread(sweepThreads(new Sweep(document, source, image), forks));
    member.sweep = sweep;
    return member.thread;
  }
}
