import { NOTIFY_INVAL_ENTRY } from "./opcodes.ts";

/** What an answer says of a file. */
export interface Attributes {
  readonly ino: bigint;
  readonly size: number;
  /** Type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Time of all three stamps, in seconds. */
  readonly seconds: number;
}

/** One entry of a directory as a listing gives it. */
export interface DirectoryEntry {
  readonly name: string;
  readonly ino: bigint;
  /** Offset that goes on behind this entry. */
  readonly next: number;
  /** Type bits of its mode, shifted as `d_type` wants them. */
  readonly type: number;
}

const OUT_HEADER_BYTES = 16;
const ATTR_BYTES = 88;
const ENTRY_BYTES = 40 + ATTR_BYTES;
const DIRENT_BYTES = 24;
/** st_blksize and f_bsize of sysfs. */
const PAGE = 4096;
const NAME_MAX = 255;

/** A message to the kernel, header included. */
export function reply(unique: bigint, body: Uint8Array = new Uint8Array(), errno = 0): Uint8Array {
  const bytes = new Uint8Array(OUT_HEADER_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setInt32(4, -errno, true);
  view.setBigUint64(8, unique, true);
  bytes.set(body, OUT_HEADER_BYTES);
  return bytes;
}

/** @param errno positive. */
export function errorReply(unique: bigint, errno: number): Uint8Array {
  return reply(unique, undefined, errno);
}

export interface InitAnswer {
  readonly minor: number;
  readonly flags: number;
  readonly maxWriteBytes: number;
}

export function initBody({ minor, flags, maxWriteBytes }: InitAnswer): Uint8Array {
  const [bytes, view] = struct(64);
  view.setUint32(0, 7, true);
  view.setUint32(4, minor, true);
  view.setUint32(12, flags, true);
  view.setUint16(16, 64, true);
  view.setUint16(18, 48, true);
  view.setUint32(20, maxWriteBytes, true);
  view.setUint32(24, 1, true);
  return bytes;
}

/** @param validSeconds how long the kernel may answer for it by itself. */
export function entryBody(node: bigint, attributes: Attributes, validSeconds: number): Uint8Array {
  const [bytes, view] = struct(ENTRY_BYTES);
  writeEntry(view, 0, node, attributes, validSeconds);
  return bytes;
}

export function attributesBody(attributes: Attributes, validSeconds: number): Uint8Array {
  const [bytes, view] = struct(16 + ATTR_BYTES);
  view.setBigUint64(0, BigInt(validSeconds), true);
  writeAttributes(view, 16, attributes);
  return bytes;
}

export function openBody(handle: bigint, flags: number): Uint8Array {
  const [bytes, view] = struct(16);
  view.setBigUint64(0, handle, true);
  view.setUint32(8, flags, true);
  return bytes;
}

export function writtenBody(count: number): Uint8Array {
  const [bytes, view] = struct(8);
  view.setUint32(0, count, true);
  return bytes;
}

export function statfsBody(): Uint8Array {
  const [bytes, view] = struct(80);
  view.setUint32(40, PAGE, true);
  view.setUint32(44, NAME_MAX, true);
  view.setUint32(48, PAGE, true);
  return bytes;
}

/** Bytes that a listing needs for an entry of this name. */
export function directoryEntryBytes(name: Uint8Array, isPlus: boolean): number {
  return (isPlus ? ENTRY_BYTES : 0) + Math.ceil((DIRENT_BYTES + name.length) / 8) * 8;
}

/** @param plus what a lookup of the name would have answered; undefined node for an entry that counts as not looked up. */
export function directoryEntryBody(
  entry: DirectoryEntry,
  name: Uint8Array,
  plus?: { readonly node: bigint; readonly attributes: Attributes; readonly validSeconds: number },
): Uint8Array {
  const [bytes, view] = struct(directoryEntryBytes(name, plus !== undefined));
  if (plus !== undefined) writeEntry(view, 0, plus.node, plus.attributes, plus.validSeconds);
  const at = plus === undefined ? 0 : ENTRY_BYTES;
  view.setBigUint64(at, entry.ino, true);
  view.setBigUint64(at + 8, BigInt(entry.next), true);
  view.setUint32(at + 16, name.length, true);
  view.setUint32(at + 20, entry.type, true);
  bytes.set(name, at + DIRENT_BYTES);
  return bytes;
}

/** Tells the kernel that what it remembers of a name is no longer true. */
export function invalidateEntry(parent: bigint, name: string): Uint8Array {
  const text = new TextEncoder().encode(name);
  const [body, view] = struct(16 + text.length + 1);
  view.setBigUint64(0, parent, true);
  view.setUint32(8, text.length, true);
  body.set(text, 16);
  // A message that answers nobody has its code where others have their error.
  return reply(0n, body, -NOTIFY_INVAL_ENTRY);
}

function struct(length: number): [Uint8Array, DataView] {
  const bytes = new Uint8Array(length);
  return [bytes, new DataView(bytes.buffer)];
}

function writeEntry(view: DataView, at: number, node: bigint, attributes: Attributes, validSeconds: number): void {
  view.setBigUint64(at, node, true);
  view.setBigUint64(at + 16, BigInt(validSeconds), true);
  view.setBigUint64(at + 24, BigInt(validSeconds), true);
  writeAttributes(view, at + 40, attributes);
}

function writeAttributes(view: DataView, at: number, { ino, size, mode, uid, gid, seconds }: Attributes): void {
  view.setBigUint64(at, ino, true);
  view.setBigUint64(at + 8, BigInt(size), true);
  for (const stamp of [24, 32, 40]) view.setBigUint64(at + stamp, BigInt(seconds), true);
  view.setUint32(at + 60, mode, true);
  // One link means that nobody may conclude from the count how many directories are below.
  view.setUint32(at + 64, 1, true);
  view.setUint32(at + 68, uid, true);
  view.setUint32(at + 72, gid, true);
  view.setUint32(at + 80, PAGE, true);
}
