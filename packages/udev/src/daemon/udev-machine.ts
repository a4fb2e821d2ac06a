import { done, type Errno, type Refusal, refused, type Result, type SimEvent } from "@memhp/abi";

interface Answer {
  readonly openErrno: Errno | 0;
  readonly errno: Errno | 0;
  readonly refusal?: Refusal;
}

/** What programs of userspace need of a machine; `@memhp/machine` has it. */
export interface UserspaceMachine {
  readonly nowNs: number;
  readonly files: {
    read(path: string): Result<string>;
    stat(path: string): { readonly ok: boolean };
  };
  listen(listener: (event: SimEvent) => void): () => void;
  /** Does something when simulated time comes to a moment; what it awaits of the machine is `write` alone. */
  at(atNs: number, name: string, run: (write: (path: string, data: string) => Promise<Answer>) => Promise<void>): void;
}

/** What a write came to, whether the kernel refused to open or to take it. */
export function resultOf({ refusal }: Answer): Result<void> {
  return refusal === undefined ? done(undefined) : refused(refusal);
}
