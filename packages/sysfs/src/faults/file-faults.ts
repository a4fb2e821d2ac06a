import { type Errno, knownOptions, type Refusal } from "@memhp/abi";

/** What a program asks of a file. `lookup` is all that finds it, so that it seems not to be there. */
export type FaultOperation = "lookup" | "list" | "read" | "write";
/** The operations that can fail on purpose. */
export const faultOperations: readonly FaultOperation[] = ["lookup", "list", "read", "write"];

/** Which of the operations that a fault is about it strikes. */
export type FaultWhen =
  | { readonly kind: "always" }
  /** The first so many. */
  | { readonly kind: "first"; readonly times: number }
  /** The n-th, the 2n-th and so on. */
  | { readonly kind: "every"; readonly n: number }
  /** Each with this probability of 0..1, from the seed. */
  | { readonly kind: "probability"; readonly p: number };

/** What a file does wrong on purpose. */
export interface FileFault {
  /** Absolute path; `*` stands for any part of a name, `**` for any path. */
  readonly path: string;
  readonly operation: FaultOperation;
  readonly when: FaultWhen;
  /** What the operation answers instead of being carried out. */
  readonly errno?: Errno;
  /** Simulated time that the operation takes longer, in nanoseconds. */
  readonly delayNs?: number;
  /** What reads give in turn instead of what the kernel says, each with a newline behind it. */
  readonly texts?: readonly string[];
}

/** A fault that is in force. */
export interface ActiveFault extends FileFault {
  readonly id: number;
  /** Operations that it was about, and those that it struck. */
  readonly met: number;
  /** How often it has struck. */
  readonly struck: number;
}

/** What an operation meets. */
export interface Strike {
  readonly fault: ActiveFault;
  readonly delayNs: number;
  readonly refusal?: Refusal;
  readonly text?: string;
}

/** All faults as plain data, with what each has met. */
export interface FileFaultsImage {
  readonly rows: readonly ActiveFault[];
  /** The id of the next fault. */
  readonly next: number;
}

interface Row {
  readonly fault: FileFault;
  readonly pattern: RegExp;
  readonly id: number;
  met: number;
  struck: number;
}

/** The faults of a machine's files, in the order in which they were added; the first that strikes counts. */
export class FileFaults {
  readonly #random: () => number;
  readonly #rows: Row[] = [];
  #next: number;

  /**
   * @param random numbers of 0..1, from the machine's seed. @param restored what `snapshot` gave.
   * @throws RangeError for a fault that could never do anything.
   */
  constructor(random: () => number, restored?: FileFaultsImage) {
    this.#random = random;
    for (const { id, met, struck, ...fault } of restored?.rows ?? []) {
      check(fault);
      this.#rows.push({ fault, pattern: pathPattern(fault.path), id, met, struck });
    }
    this.#next = restored?.next ?? 1;
  }

  /** All of them as plain data; undefined where there never was one. */
  snapshot(): FileFaultsImage | undefined {
    return this.#next === 1 ? undefined : { rows: this.list(), next: this.#next };
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  /** @returns its id. @throws RangeError for a fault that could never do anything. */
  add(fault: FileFault): number {
    check(fault);
    const id = this.#next++;
    this.#rows.push({ fault, pattern: pathPattern(fault.path), id, met: 0, struck: 0 });
    return id;
  }

  /** Ends one, or without an id all. @returns how many that were. */
  remove(id?: number): number {
    const before = this.#rows.length;
    const left = id === undefined ? [] : this.#rows.filter((row) => row.id !== id);
    this.#rows.splice(0, before, ...left);
    return before - left.length;
  }

  list(): ActiveFault[] {
    return this.#rows.map(activeFault);
  }

  /** What an operation on a path meets now; each call counts as one. */
  strike(operation: FaultOperation, path: string): Strike | undefined {
    for (const row of this.#rows) {
      if (row.fault.operation !== operation || !row.pattern.test(path)) continue;
      row.met++;
      if (!this.#strikes(row)) continue;
      const { errno, delayNs = 0, texts } = row.fault;
      const text = texts?.[row.struck % texts.length];
      row.struck++;
      return {
        fault: activeFault(row),
        delayNs,
        ...(errno === undefined ? {} : { refusal: onPurpose(errno, operation, path) }),
        ...(text === undefined ? {} : { text: `${text}\n` }),
      };
    }
    return undefined;
  }

  #strikes({ fault: { when }, met }: Row): boolean {
    if (when.kind === "first") return met <= when.times;
    if (when.kind === "every") return met % when.n === 0;
    return when.kind === "always" || this.#random() < when.p;
  }
}

function activeFault({ fault, id, met, struck }: Row): ActiveFault {
  return { ...fault, id, met, struck };
}

const FAULT: Readonly<Record<keyof FileFault, true>> = {
  path: true,
  operation: true,
  when: true,
  errno: true,
  delayNs: true,
  texts: true,
};

function check(fault: FileFault): void {
  knownOptions("fault", fault, FAULT);
  const { path, operation, when, errno, delayNs, texts } = fault;
  if (!path.startsWith("/")) throw new RangeError(`path: expected an absolute one, found ${JSON.stringify(path)}`);
  if (errno === undefined && delayNs === undefined && texts === undefined)
    throw new RangeError("a fault needs an errno, a delay or texts");
  if (texts !== undefined && (operation !== "read" || texts.length === 0))
    throw new RangeError("texts: one or more, for reads only");
  if (delayNs !== undefined && (operation !== "write" || !Number.isSafeInteger(delayNs) || delayNs < 0))
    throw new RangeError("delay: simulated time from 0, for writes only");
  const number = { always: 1, first: NaN, every: NaN, probability: NaN }[when.kind];
  const value = "times" in when ? when.times : "n" in when ? when.n : "p" in when ? when.p : number;
  const isWhole = when.kind === "first" || when.kind === "every";
  if (!(value > 0) || (isWhole && !Number.isInteger(value)) || (when.kind === "probability" && value > 1))
    throw new RangeError(`${when.kind}: ${value} makes no sense`);
}

function pathPattern(path: string): RegExp {
  const source = path.replaceAll(/\*\*|\*|[.+?^${}()|[\]\\]/g, (part) =>
    part === "**" ? ".*" : part === "*" ? "[^/]*" : `\\${part}`,
  );
  return new RegExp(`^${source}$`);
}

function onPurpose(errno: Errno, operation: FaultOperation, path: string): Refusal {
  return {
    errno,
    code: "on_purpose",
    rule: "the fault that somebody added",
    retry: "maybe",
    remedy: ["take the fault away"],
    detail: `${operation} of ${path}`,
  };
}
