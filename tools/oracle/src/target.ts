/** What QEMU's monitor, or one that behaves like it, answers. */
export type QmpAnswer =
  | { readonly return: unknown }
  | { readonly error: { readonly class: string; readonly desc: string } };

export interface QmpEventMessage {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The DIMM side of a target: a QMP client. */
export interface Monitor {
  execute(command: string, operands?: Readonly<Record<string, unknown>>): Promise<QmpAnswer>;
  /** Waits until the events since the last `takeEvents` are enough, or the time is over. */
  waitFor(isEnough: (events: readonly QmpEventMessage[]) => boolean, timeoutMs: number): Promise<void>;
  /** Events since the last call, in order. */
  takeEvents(): QmpEventMessage[];
  close(): Promise<void>;
}

type Errno = string | number;

/** Errnos by name, 0 for none. Texts have one character for each byte. */
interface ReadAnswer {
  readonly errno: Errno;
  /** Octal; `0` where there is no such file. */
  readonly mode: string;
  readonly data: string;
}

interface WriteAnswer {
  readonly open_errno: Errno;
  readonly ret: number;
  readonly errno: Errno;
}

/** An entry below a scanned directory, with what is in it. */
export interface GuestEntry {
  readonly path: string;
  readonly kind: "file" | "dir" | "link";
  readonly mode: string;
  /** Of a file: 0, or why it cannot be read. */
  readonly errno: Errno;
  /** A file's contents, a link's target. */
  readonly text: string;
}

/** What a kernel told since the last look, in the shape of a kernel trace's step. */
export interface KernelReports {
  readonly uevents: readonly unknown[];
  readonly notifications: readonly Readonly<Record<string, unknown>>[];
  readonly kernel_log: readonly string[];
}

/** The side of a target that a program inside the machine sees. */
export interface Guest {
  read(path: string): Promise<ReadAnswer>;
  /** One open, one write. A signal ends it after `timeoutMs`, if not 0. */
  write(path: string, data: string, timeoutMs: number): Promise<WriteAnswer>;
  /** Everything below a directory, `depth` levels. Links are not followed. */
  scan(path: string, depth: number): Promise<GuestEntry[]>;
  insmod(name: string, words: string): Promise<Errno>;
  sleep(seconds: number): Promise<void>;
  /** Reports that are there; `settle` allows for those that trail behind a DIMM's last event. */
  takeReports(settle: boolean): Promise<KernelReports>;
}

/** A machine with a kernel on it: QEMU with a real one, or memhp. */
export interface Target {
  readonly monitor: Monitor;
  readonly guest: Guest;
  /**
   * Tells a simulated kernel whether the block of the next write holds kernel pages, which only a recording knows
   * (`given` of a step). A real kernel needs no telling.
   */
  plant?(block: number, kernelPages: boolean): Promise<void>;
  /** Ends the machine. */
  close(): Promise<void>;
}
