import { errnoNumber, type Refusal } from "@memhp/abi";
import type { Stat } from "@memhp/sysfs";
import { EACCES, EBADF, EINTR, ENODEV, ENOENT, ENOSYS, EPERM, ESTALE } from "../protocol/errno.ts";
import { FOPEN_DIRECT_IO, InitFlag } from "../protocol/opcodes.ts";
import {
  type Attributes,
  attributesBody,
  directoryEntryBody,
  directoryEntryBytes,
  entryBody,
  errorReply,
  initBody,
  invalidateEntry,
  openBody,
  reply,
  statfsBody,
  writtenBody,
} from "../protocol/reply.ts";
import type { Request, RequestHeader } from "../protocol/request.ts";
import { bytesOf, textOf } from "./bytes.ts";
import { Handles, type OpenFile } from "./handles.ts";
import { childPath, Inodes, splitPath } from "./inodes.ts";
import { openErrno } from "./permissions.ts";
import type { Call, ServedFiles } from "./served-files.ts";

/** The protocol as Linux 5.4 and later speak it; a newer kernel comes down to it. */
const MINOR = 31;
/** What one write(2) brings in one message; sysfs itself takes a page of it. */
export const MAX_WRITE_BYTES: number = 1 << 17;
/** How long the kernel answers for names and attributes by itself: what goes meanwhile is told by `vanished`. */
const VALID_SECONDS = 1;

type Of<Op extends Request["op"]> = Extract<Request, { readonly op: Op }>;
type Answer = Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** What somebody who changed modes or owners sees from then on, as in sysfs. */
interface Changed {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

const typeBits: Readonly<Record<Stat["kind"], number>> = { dir: 0o040000, file: 0o100000, link: 0o120000 };

/** Answers the kernel's requests from files; knows nothing of how they come and go. */
export class Filesystem {
  readonly #files: ServedFiles;
  readonly #seconds: number;
  readonly #inodes = new Inodes();
  readonly #handles = new Handles();
  readonly #changed = new Map<string, Changed>();
  readonly #waiting = new Map<bigint, AbortController>();
  /** Threads that were told to look a name up again, and have not opened anything since. */
  readonly #sentAway = new Set<number>();

  /** @param seconds time of all files, since 1970. */
  constructor(files: ServedFiles, seconds: number) {
    this.#files = files;
    this.#seconds = seconds;
  }

  /** Requests that wait, open files, names that the kernel knows. */
  get counts(): { readonly waiting: number; readonly open: number; readonly known: number } {
    return { waiting: this.#waiting.size, open: this.#handles.size, known: this.#inodes.size };
  }

  readonly #handlers: { readonly [Op in Request["op"]]: (request: Of<Op>) => Answer } = {
    init: (request) => this.#init(request),
    lookup: (request) => this.#lookup(request),
    forget: ({ forgotten }) => {
      for (const { node, lookups } of forgotten) this.#inodes.forget(node, lookups);
      return undefined;
    },
    getattr: (request) => this.#withStat(request, (path, stat) => this.#attributesReply(request, path, stat)),
    setattr: (request) => this.#withStat(request, (path, stat) => this.#setattr(request, path, stat)),
    readlink: (request) => this.#readlink(request),
    open: (request) => this.#withStat(request, (path, stat) => this.#open(request, path, stat)),
    read: (request) => this.#read(request),
    write: (request) => this.#write(request),
    release: (request) => this.#release(request),
    opendir: (request) => this.#opendir(request),
    readdir: (request) => this.#readdir(request),
    statfs: ({ unique }) => reply(unique, statfsBody()),
    fsync: ({ unique }) => reply(unique),
    interrupt: ({ target }) => {
      this.#waiting.get(target)?.abort();
      return undefined;
    },
    destroy: ({ unique }) => {
      this.interruptAll();
      return reply(unique);
    },
    // As kernfs: nothing is made by hand (observed-6 §2: g_readonly).
    create: ({ unique }) => errorReply(unique, EACCES),
    change_entry: ({ unique }) => errorReply(unique, EPERM),
    unknown: ({ unique }) => errorReply(unique, ENOSYS),
  };

  /** The message that answers; undefined for what wants none. */
  answer(request: Request): Answer {
    return (this.#handlers[request.op] as (request: Request) => Answer)(request);
  }

  /** Signals everybody who waits. */
  interruptAll(): void {
    for (const waiting of this.#waiting.values()) waiting.abort();
  }

  /** Messages for names that the kernel knows and that are gone. */
  vanished(): Uint8Array[] {
    const messages: Uint8Array[] = [];
    for (const path of this.#inodes.paths()) {
      if (path === "/" || this.#files.stat(path).ok) continue;
      const { parent, name } = splitPath(path);
      const id = this.#inodes.idOf(parent);
      // What is below another name that is gone goes with it.
      if (id !== undefined && (parent === "/" || this.#files.stat(parent).ok)) messages.push(invalidateEntry(id, name));
    }
    return messages;
  }

  #init({ unique, minor, flags }: Of<"init">): Uint8Array {
    const wanted =
      InitFlag.ASYNC_READ |
      InitFlag.ATOMIC_O_TRUNC |
      InitFlag.BIG_WRITES |
      InitFlag.DO_READDIRPLUS |
      InitFlag.READDIRPLUS_AUTO |
      InitFlag.PARALLEL_DIROPS;
    const answer = { minor: Math.min(minor, MINOR), flags: flags & wanted, maxWriteBytes: MAX_WRITE_BYTES };
    return reply(unique, initBody(answer));
  }

  #lookup({ unique, node, name, pid }: Of<"lookup">): Uint8Array {
    const parent = this.#inodes.path(node);
    if (parent === undefined) return errorReply(unique, ENOENT);
    const path = childPath(parent, name);
    const stat = this.#files.stat(path);
    if (!stat.ok) return refusalReply(unique, stat.refusal);
    const isAlone = isWritable(stat.value);
    const id = this.#inodes.lookUp(path, isAlone, isAlone && this.#sentAway.has(pid));
    return reply(unique, entryBody(id, this.#attributes(id, path, stat.value), validSeconds(path, stat.value)));
  }

  #withStat({ unique, node }: RequestHeader, use: (path: string, stat: Stat) => Uint8Array): Uint8Array {
    const path = this.#inodes.path(node);
    if (path === undefined) return errorReply(unique, ENOENT);
    const stat = this.#files.stat(path);
    return stat.ok ? use(path, stat.value) : refusalReply(unique, stat.refusal);
  }

  #attributes(ino: bigint, path: string, { kind, mode, size }: Stat): Attributes {
    const { mode: bits = mode, uid = 0, gid = 0 } = this.#changed.get(path) ?? {};
    return { ino, size, mode: typeBits[kind] | bits, uid, gid, seconds: this.#seconds };
  }

  #attributesReply({ unique, node }: RequestHeader, path: string, stat: Stat): Uint8Array {
    return reply(unique, attributesBody(this.#attributes(node, path, stat), VALID_SECONDS));
  }

  /** Sizes and times are taken and forgotten: `echo x > state` asks for size 0 first (facts/peer-programs.md §0). */
  #setattr(request: Of<"setattr">, path: string, stat: Stat): Uint8Array {
    const { mode, uid, gid } = request;
    const changed = {
      ...(mode === undefined ? {} : { mode: mode & 0o7777 }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    };
    if (Object.keys(changed).length > 0) this.#changed.set(path, { ...this.#changed.get(path), ...changed });
    return this.#attributesReply(request, path, stat);
  }

  #readlink({ unique, node }: RequestHeader): Uint8Array {
    const path = this.#inodes.path(node);
    if (path === undefined) return errorReply(unique, ENOENT);
    const target = this.#files.readlink(path);
    return target.ok ? reply(unique, bytesOf(target.value)) : refusalReply(unique, target.refusal);
  }

  #open({ unique, node, flags, pid }: Of<"open">, path: string, stat: Stat): Uint8Array {
    const errno = openErrno(path, { ...stat, mode: this.#changed.get(path)?.mode ?? stat.mode }, flags);
    if (errno !== 0) return errorReply(unique, errno);
    const wasSentAway = this.#sentAway.delete(pid);
    if (isWritable(stat) && this.#inodes.isOpen(node) && !wasSentAway) {
      // Two came at the same time: the kernel looks the name up again, once, and finds an inode of its own. Who opens
      // /proc/self/fd/N cannot.
      this.#sentAway.add(pid);
      return errorReply(unique, ESTALE);
    }
    this.#inodes.opened(node, 1);
    return reply(unique, openBody(this.#handles.open({ node, path }), FOPEN_DIRECT_IO));
  }

  #read({ unique, handle, offset, size, pid, uid }: Of<"read">): Answer {
    const file = this.#handles.get(handle);
    if (file === undefined) return errorReply(unique, EBADF);
    // As seq_file: what the first read gave stays until somebody reads from the beginning again.
    if (offset > 0 && file.content !== undefined) return reply(unique, file.content.subarray(offset, offset + size));
    const stat = this.#files.stat(file.path);
    if (!stat.ok) return errorReply(unique, goneErrno(stat.refusal));
    return this.#call(unique, pid, uid, (call) => this.#readNow(file, stat.value, unique, offset, size, call));
  }

  #readNow(file: OpenFile, stat: Stat, unique: bigint, offset: number, size: number, call: Call): Answer {
    const isByRange = stat.byRange === true;
    const reading = isByRange
      ? this.#files.readRange(file.path, offset, size, call)
      : this.#files.read(file.path, call);
    const answered = (read: Awaited<typeof reading>): Uint8Array => {
      if (!read.ok) return errorReply(unique, goneErrno(read.refusal));
      const bytes = bytesOf(read.value);
      if (isByRange) return reply(unique, bytes);
      file.content = bytes;
      return reply(unique, bytes.subarray(offset, offset + size));
    };
    return reading instanceof Promise ? reading.then(answered) : answered(reading);
  }

  #release({ unique, handle }: Of<"release">): Uint8Array {
    const file = this.#handles.release(handle);
    if (file !== undefined) this.#inodes.opened(file.node, -1);
    return reply(unique);
  }

  #write({ unique, handle, data, pid, uid }: Of<"write">): Answer {
    const file = this.#handles.get(handle);
    if (file === undefined) return errorReply(unique, EBADF);
    // What waits for the kernel must not be in a buffer that is read into again.
    const text = textOf(data);
    return this.#call(unique, pid, uid, async (call) => {
      const { openErrno: opened, ret, errno } = await this.#files.write(file.path, text, call);
      if (opened !== 0) return errorReply(unique, opened === "ENOENT" ? ENODEV : errnoNumber(opened));
      if (errno !== 0) return errorReply(unique, errnoNumber(errno));
      return reply(unique, writtenBody(ret));
    });
  }

  /** What may take its time, and may be interrupted while it does. */
  #call(unique: bigint, pid: number, uid: number, work: (call: Call) => Answer): Answer {
    const controller = new AbortController();
    const working = work({ signal: controller.signal, pid, uid });
    if (!(working instanceof Promise)) return working;
    this.#waiting.set(unique, controller);
    return working
      .catch((error: unknown) => {
        if (controller.signal.aborted) return errorReply(unique, EINTR);
        throw error;
      })
      .finally(() => this.#waiting.delete(unique));
  }

  #opendir({ unique, node }: RequestHeader): Uint8Array {
    const path = this.#inodes.path(node);
    if (path === undefined) return errorReply(unique, ENOENT);
    const names = this.#files.list(path);
    if (!names.ok) return refusalReply(unique, names.refusal);
    this.#inodes.opened(node, 1);
    return reply(unique, openBody(this.#handles.open({ node, path, names: names.value }), 0));
  }

  #readdir({ unique, handle, offset, size, isPlus }: Of<"readdir">): Uint8Array {
    const directory = this.#handles.get(handle);
    if (directory?.names === undefined) return errorReply(unique, EBADF);
    const entries = [".", "..", ...directory.names];
    const parts: Uint8Array[] = [];
    let length = 0;
    for (let i = offset; i < entries.length; i++) {
      const entry = entries[i] as string;
      const name = new TextEncoder().encode(entry);
      if (length + directoryEntryBytes(name, isPlus) > size) break;
      const part = this.#directoryEntry(directory.path, entry, name, i + 1, isPlus);
      if (part === undefined) continue;
      parts.push(part);
      length += part.length;
    }
    return reply(unique, joined(parts, length));
  }

  /** Undefined for a name that has gone since the directory was opened. */
  #directoryEntry(
    parent: string,
    entry: string,
    name: Uint8Array,
    next: number,
    isPlus: boolean,
  ): Uint8Array | undefined {
    const isDot = entry === "." || entry === "..";
    const path = isDot ? parent : childPath(parent, entry);
    const stat = this.#files.stat(path);
    if (!stat.ok) return undefined;
    const type = typeBits[stat.value.kind] >> 12;
    if (!isPlus) return directoryEntryBody({ name: entry, ino: UNKNOWN_INO, next, type }, name);
    // The kernel does not look up `.` and `..`, so it never forgets them.
    const node = isDot ? 0n : this.#inodes.lookUp(path, isWritable(stat.value));
    const ino = isDot ? UNKNOWN_INO : node;
    const attributes = this.#attributes(ino, path, stat.value);
    return directoryEntryBody({ name: entry, ino, next, type }, name, {
      node,
      attributes,
      validSeconds: validSeconds(path, stat.value),
    });
  }
}

/**
 * The kernel locks an inode for as long as a write to it takes; who seeks in it meanwhile, as grep does, or writes too, would hang
 * in that lock, deaf to signals. So whoever opens such a file has an inode alone, and its name is looked up each time.
 */
function isWritable({ kind, mode }: Stat): boolean {
  return kind === "file" && (mode & 0o222) !== 0;
}

/** debugfs comes and goes with modules, and nobody tells. */
function validSeconds(path: string, stat: Stat): number {
  return isWritable(stat) || path.startsWith("/sys/kernel/debug/") ? 0 : VALID_SECONDS;
}

/** FUSE_UNKNOWN_INO: the kernel shows it where nobody has looked the entry up. */
const UNKNOWN_INO = 0xffff_ffffn;

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function refusalReply(unique: bigint, refusal: Refusal): Uint8Array {
  return errorReply(unique, errnoNumber(refusal.errno));
}

/** kernfs answers ENODEV where an open file's device has gone. */
function goneErrno({ errno }: Refusal): number {
  return errno === "ENOENT" ? ENODEV : errnoNumber(errno);
}
