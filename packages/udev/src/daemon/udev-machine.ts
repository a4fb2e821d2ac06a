import type { Errno, SimEvent } from "@memhp/abi";

interface Answer {
  readonly openErrno: Errno | 0;
  readonly errno: Errno | 0;
}

/** What programs of userspace need of a machine; `@memhp/machine` has it. */
export interface UserspaceMachine {
  readonly nowNs: number;
  readonly files: {
    read(path: string): { readonly ok: true; readonly value: string } | { readonly ok: false };
    stat(path: string): { readonly ok: boolean };
  };
  listen(listener: (event: SimEvent) => void): () => void;
  /** Does something when simulated time comes to a moment; what it awaits of the machine is `write` alone. */
  at(atNs: number, name: string, run: (write: (path: string, data: string) => Promise<Answer>) => Promise<void>): void;
}

/** 0, or why the kernel refused to open or to take it. */
export function errnoOf({ openErrno, errno }: Answer): Errno | 0 {
  return openErrno === 0 ? errno : openErrno;
}
