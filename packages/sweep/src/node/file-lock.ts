import { closeSync, linkSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { SweepError } from "../sweep-error.ts";

/** Whoever writes a file, as the lock beside it says. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When it was started, where the system tells: another process may have its number by now. */
  readonly started?: string;
}

/**
 * Sees to it that a file has one writer: a file beside it names who that is. Of one that died nothing stays but the name.
 * @returns what ends it. @throws SweepError where somebody else writes.
 */
export function lockFile(path: string): () => void {
  const lock = `${path}.lock`;
  const own = JSON.stringify(holderOf(process.pid));
  const temporary = `${lock}.${process.pid}`;
  const fd = openSync(temporary, "w");
  writeSync(fd, own);
  closeSync(fd);
  try {
    // A link is made as a whole or not at all.
    while (!isLinked(temporary, lock)) {
      const holder = readHolder(lock);
      if (holder !== undefined && isAlive(holder))
        throw new SweepError(`${path}: process ${holder.pid} on ${holder.host} is writing it (${lock})`);
      breakLock(lock, temporary);
    }
  } finally {
    unlinkSync(temporary);
  }
  return () => {
    if (readText(lock) === own) unlinkSync(lock);
  };
}

function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Of several that find a dead holder's lock one takes it away. */
function breakLock(lock: string, temporary: string): void {
  const aside = `${temporary}.old`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return;
  }
  // Somebody was faster, and this is theirs.
  const taken = parseHolder(readText(aside));
  if (taken !== undefined && isAlive(taken)) isLinked(aside, lock);
  unlinkSync(aside);
}

function readHolder(lock: string): Holder | undefined {
  return parseHolder(readText(lock));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function parseHolder(text: string | undefined): Holder | undefined {
  try {
    const { pid, host, started } = JSON.parse(text ?? "null") as Holder;
    return typeof pid === "number" && typeof host === "string" ? { pid, host, ...(started && { started }) } : undefined;
  } catch {
    return undefined;
  }
}

function holderOf(pid: number): Holder {
  const started = startOf(pid);
  return { pid, host: hostname(), ...(started === undefined ? {} : { started }) };
}

/** Field 22 of /proc/PID/stat; undefined where there is no such file. */
function startOf(pid: number): string | undefined {
  const text = readText(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")[19];
}

/** Of another computer nobody knows. */
function isAlive({ pid, host, started }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return started === undefined || startOf(pid) === started;
}
