import type { Result } from "@memhp/abi";
import type { Stat, WriteAnswer } from "@memhp/sysfs";

/** Who reads or writes, for as long as it takes. */
export interface Call {
  /** Aborts when a signal reaches the process, or it is killed. */
  readonly signal: AbortSignal;
  /** 0 where the process is in another pid namespace. */
  readonly pid: number;
  readonly uid: number;
}

type Eventually<T> = T | Promise<T>;

/** Files that a mount serves. Paths are absolute and without links; contents are one character for each byte. */
export interface ServedFiles {
  /** lstat(2). */
  stat(path: string): Result<Stat>;
  /** Names without `.` and `..`, in the order in which readdir(3) gives them. */
  list(path: string): Result<string[]>;
  readlink(path: string): Result<string>;
  read(path: string, call: Call): Eventually<Result<string>>;
  /** Of files whose `stat` says `byRange`. */
  readRange(path: string, offset: number, length: number, call: Call): Eventually<Result<string>>;
  write(path: string, data: string, call: Call): Eventually<WriteAnswer>;
}
