import { Sweep } from "../../sweep.ts";
import type { RunResult } from "../../sweep-runner.ts";
import { JobProcess } from "../job-process.ts";
import { sweepProcesses } from "../sweep-processes.ts";
import type { RunsResult, SharedSweep } from "./shared-sweep.ts";

/** A process, and the sweep whose runs it carries out. */
interface Member {
  sweep: string | undefined;
  process: JobProcess<RunResult> | undefined;
  isBusy: boolean;
}

/** Processes for the runs of whatever sweeps there are. */
export class Crew {
  readonly #members: readonly Member[];
  readonly #find: (sweep: string) => Promise<SharedSweep>;
  readonly #program: string | undefined;

  constructor(processes: number, find: (sweep: string) => Promise<SharedSweep>, program?: string) {
    this.#members = Array.from({ length: processes }, () => ({ sweep: undefined, process: undefined, isBusy: false }));
    this.#find = find;
    this.#program = program;
  }

  get isBusy(): boolean {
    return this.#members.some(({ isBusy }) => isBusy);
  }

  /** Carries out runs from..to-1; no more at once than there are processes. */
  async perform(sweep: string, from: number, to: number): Promise<RunsResult> {
    const free = this.#members.filter(({ isBusy }) => !isBusy);
    const member = free.find((each) => each.sweep === sweep) ?? free[0];
    if (member === undefined) throw new Error("memhp bug: more runs at once than processes");
    member.isBusy = true;
    try {
      const worker = await this.#processFor(member, sweep);
      return await worker.perform(Array.from({ length: to - from }, (_, i) => from + i));
    } finally {
      member.isBusy = false;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map(async (member) => member.process?.close()));
  }

  async #processFor(member: Member, sweep: string): Promise<JobProcess<RunResult>> {
    if (member.sweep === sweep && member.process !== undefined) return member.process;
    await member.process?.close();
    const { document, source, forks, image } = await this.#find(sweep);
    member.process = new JobProcess(sweepProcesses(new Sweep(document, source, image), forks, this.#program));
    member.sweep = sweep;
    return member.process;
  }
}
