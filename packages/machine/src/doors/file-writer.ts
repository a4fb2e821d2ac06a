import type { Caller, EventBody, Refusal } from "@memhp/abi";
import type { FileFaults, Tree, WriteAnswer } from "@memhp/sysfs";
import type { Scheduler } from "../time/scheduler.ts";

/** What a writer needs of its machine. */
interface WriterHost {
  readonly files: Tree;
  readonly faults: FileFaults;
  readonly scheduler: Scheduler;
  nowNs(): number;
  emit(body: EventBody): void;
}

/** A signal came while a fault let the writer wait. */
const SIGNALLED: Refusal = {
  errno: "EINTR",
  code: "signal",
  rule: "facts §1: a caller that waits can be signalled",
  retry: "yes",
  remedy: ["write again"],
};

/** Writes to files as part of the event stream. What it does runs in the writer's kernel thread. */
export class FileWriter {
  readonly #host: WriterHost;

  constructor(host: WriterHost) {
    this.#host = host;
  }

  /** One write(2), in the running thread: what the block tells, why the kernel refused, what write returned. */
  async write(path: string, data: string, caller: Caller): Promise<WriteAnswer> {
    const answer = (await this.#strike(path, caller)) ?? (await this.#host.files.write(path, data, caller));
    // A block's own refusal is in the stream already; the file system's is not.
    if (answer.refusal !== undefined && answer.told !== true) this.tell(answer.refusal, caller);
    const errno = answer.openErrno === 0 ? answer.errno : answer.openErrno;
    const by = caller.name === undefined ? {} : { by: caller.name };
    this.#host.emit({ type: "file_write", path, data, ret: answer.ret, errno, ...by });
    return answer;
  }

  /** Tells the stream of a refusal that nothing has told it. */
  tell(refusal: Refusal, { name }: Caller): void {
    this.#host.emit({ type: "refusal", refusal, ...(name === undefined ? {} : { by: name }) });
  }

  /** What a write meets on purpose before the kernel hears of it. */
  async #strike(path: string, caller: Caller): Promise<WriteAnswer | undefined> {
    const { faults } = this.#host;
    const strike = faults.isEmpty ? undefined : faults.strike("write", path);
    if (strike === undefined) return undefined;
    if (!(await this.#sleep(strike.delayNs, caller)))
      return { openErrno: 0, ret: -1, errno: "EINTR", refusal: SIGNALLED };
    const { refusal } = strike;
    return refusal === undefined ? undefined : { openErrno: 0, ret: -1, errno: refusal.errno, refusal };
  }

  /** Lets simulated time pass for the running thread. @returns false for a caller who was gone first. */
  async #sleep(ns: number, { name = "somebody", signal }: Caller): Promise<boolean> {
    if (ns > 0 && signal?.aborted !== true) {
      const { scheduler } = this.#host;
      const atNs = this.#host.nowNs() + ns;
      let leave = (): void => {};
      await scheduler.wait(
        () => `simulated time to pass ${atNs} ns`,
        (wake) => {
          leave = wake;
          signal?.addEventListener("abort", wake);
          scheduler.setAlarm({ atNs, name: `${name} wakes up`, ring: async () => wake() });
        },
      );
      signal?.removeEventListener("abort", leave);
    }
    return signal?.aborted !== true;
  }
}
