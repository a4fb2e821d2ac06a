type Json = Readonly<Record<string, unknown>>;

/** Errnos by name, 0 for none. */
type Errno = string | number;

/** A DIMM that somebody plugs in; bytes. Without `addr` and `slot` the board chooses. */
export interface DimmOrder {
  readonly id: string;
  readonly sizeBytes: number;
  readonly node: number;
  readonly addr?: number;
  readonly slot?: number;
}

/** A virtio-mem device that somebody plugs in; bytes. */
interface VirtioMemOrder {
  readonly id: string;
  readonly sizeBytes: number;
  readonly node: number;
  readonly bus?: string;
  readonly requestedBytes?: number;
  readonly blockBytes?: number;
}

/** The hardware side of a target: what QEMU's monitor does. Results have the shape of a kernel trace's. */
export interface Monitor {
  /** Plugs a DIMM in and waits for what the kernel says of it. */
  addDimm(order: DimmOrder): Promise<Json>;
  /** Asks for a DIMM back and waits for the outcome; how long, unless told, is the target's habit. */
  removeDimm(id: string, waitNs: number | undefined): Promise<Json>;
  /** Asks a virtio-mem device for a size and waits until it is reached, but no longer than so many nanoseconds. */
  requestVirtioMem(id: string, bytes: number, waitNs: number): Promise<Json>;
  addVirtioMem(order: VirtioMemOrder): Promise<Json>;
  removeVirtioMem(id: string): Promise<Json>;
  /**
   * One command of the monitor as it stands; null where the target has none.
   * @param until events that the target waits for, where they do not come at once.
   */
  execute(
    command: string,
    operands: Json,
    until?: { readonly events: readonly string[]; readonly waitNs?: number },
  ): Promise<unknown>;
}

/** What reading a file gave, as kernel traces note it. */
export interface ReadAnswer {
  readonly errno: Errno;
  /** Octal; `0` where there is no such file. */
  readonly mode: string;
  readonly data: string;
}

/** What writing a file gave, as kernel traces note it. */
export interface WriteAnswer {
  readonly open_errno: Errno;
  /** Bytes taken, or -1. */
  readonly ret: number;
  readonly errno: Errno;
  /** A signal had to end the write. */
  readonly timed_out_signal?: true;
}

/** How a write is made: who signals the writer when, and whether it goes on beside the steps under a name. */
export interface WriteHow {
  readonly timeoutMs?: number;
  readonly background?: string;
}

/** Part of a file, in bytes. */
interface ReadRange {
  readonly offset?: number;
  readonly length?: number;
}

/** The side of a target that a program inside the machine sees. Paths are absolute; texts have one character for each byte. */
export interface Guest {
  read(path: string, range?: ReadRange): Promise<ReadAnswer>;
  /** One open, one write. @returns undefined for one that goes on in the background. */
  write(path: string, data: string, how: WriteHow): Promise<WriteAnswer | undefined>;
  /** Loads a module of the kernel. */
  insmod(name: string, words: string): Promise<Json>;
  /** A call of the kernel's own API by the recording module: `add 0 100000000 8000000`, numbers in hex. */
  callModule(data: string, timeoutMs: number | undefined): Promise<Json | null>;
  /** A program: `sh`, `bg` and `kill`. @returns null where the target does not say what it printed. */
  program(order: ProgramOrder): Promise<Json | null>;
}

/** What is done with a program of the guest. */
export type ProgramOrder =
  | { readonly do: "run"; readonly command: string; readonly timeoutMs?: number }
  | { readonly do: "start"; readonly name: string; readonly command: string; readonly waitS?: number }
  | { readonly do: "kill"; readonly name: string };

/** The time of a target. */
export interface Clock {
  /** Lets time pass; nanoseconds. */
  wait(ns: number): Promise<void>;
}

/** What a recorder writes down of a whole machine. */
export interface Looks {
  state(): Promise<Json> | Json;
  snapshot(): Promise<Json> | Json;
  tree(path: string, depth: number): Promise<Json> | Json;
  /** Files of a block that are looked at before and after a write to it. */
  readonly beforeWrite: readonly string[];
  readonly afterWrite: readonly string[];
  /** 4.1's recorder wrote the compact state down after each write, and left the block's number out. */
  readonly isOfOldRecorder: boolean;
}

/** A machine with a kernel on it, as operations act on it: memhp's own, or a real one in QEMU. */
export interface Target {
  readonly monitor: Monitor;
  readonly guest: Guest;
  readonly clock: Clock;
  readonly looks: Looks;
}
