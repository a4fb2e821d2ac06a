import { Opcode, SetattrFlag } from "./opcodes.ts";

/** What every request says of itself and of who asks. */
export interface RequestHeader {
  readonly unique: bigint;
  readonly node: bigint;
  readonly uid: number;
  readonly gid: number;
  /** Process that asks, 0 where it is in another pid namespace. */
  readonly pid: number;
}

interface Range {
  readonly handle: bigint;
  readonly offset: number;
  readonly size: number;
}

/** What the kernel asks, decoded. */
type RequestBody =
  | { readonly op: "init"; readonly major: number; readonly minor: number; readonly flags: number }
  | { readonly op: "lookup"; readonly name: string }
  | { readonly op: "forget"; readonly forgotten: readonly { readonly node: bigint; readonly lookups: bigint }[] }
  | { readonly op: "getattr" }
  | { readonly op: "readlink" }
  | { readonly op: "statfs" }
  | { readonly op: "opendir" }
  | { readonly op: "destroy" }
  | { readonly op: "fsync" }
  | { readonly op: "setattr"; readonly mode?: number; readonly uid?: number; readonly gid?: number }
  | { readonly op: "open"; readonly flags: number }
  | ({ readonly op: "read" } & Range)
  | ({ readonly op: "readdir"; readonly isPlus: boolean } & Range)
  | { readonly op: "write"; readonly handle: bigint; readonly offset: number; readonly data: Uint8Array }
  | { readonly op: "release"; readonly handle: bigint }
  | { readonly op: "interrupt"; readonly target: bigint }
  /** Makes, moves or takes away an entry. */
  | { readonly op: "create" }
  | { readonly op: "change_entry" }
  | { readonly op: "unknown"; readonly opcode: number };

/** A request of the FUSE protocol, decoded. */
export type Request = RequestHeader & RequestBody;

const HEADER_BYTES = 40;
const WRITE_HEADER_BYTES = 40;

/** Decodes one request as read(2) of /dev/fuse gave it. */
export function decodeRequest(bytes: Uint8Array): Request {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header: RequestHeader = {
    unique: view.getBigUint64(8, true),
    node: view.getBigUint64(16, true),
    uid: view.getUint32(24, true),
    gid: view.getUint32(28, true),
    pid: view.getUint32(32, true),
  };
  const opcode = view.getUint32(4, true);
  const body = new DataView(bytes.buffer, bytes.byteOffset + HEADER_BYTES, bytes.byteLength - HEADER_BYTES);
  return { ...header, ...decodeBody(opcode, body, header.node) };
}

type Decode = (body: DataView, node: bigint) => RequestBody;

const decoders: Readonly<Record<number, Decode>> = {
  [Opcode.INIT]: (body) => ({
    op: "init",
    major: body.getUint32(0, true),
    minor: body.getUint32(4, true),
    flags: body.getUint32(12, true),
  }),
  [Opcode.LOOKUP]: (body) => ({ op: "lookup", name: cString(body, 0) }),
  [Opcode.FORGET]: (body, node) => ({ op: "forget", forgotten: [{ node, lookups: body.getBigUint64(0, true) }] }),
  [Opcode.BATCH_FORGET]: (body) => ({
    op: "forget",
    forgotten: Array.from({ length: body.getUint32(0, true) }, (_, i) => ({
      node: body.getBigUint64(8 + i * 16, true),
      lookups: body.getBigUint64(16 + i * 16, true),
    })),
  }),
  [Opcode.GETATTR]: () => ({ op: "getattr" }),
  [Opcode.SETATTR]: decodeSetattr,
  [Opcode.READLINK]: () => ({ op: "readlink" }),
  [Opcode.OPEN]: (body) => ({ op: "open", flags: body.getUint32(0, true) }),
  [Opcode.READ]: (body) => ({ op: "read", ...decodeRange(body) }),
  [Opcode.WRITE]: (body) => {
    const { handle, offset, size } = decodeRange(body);
    return {
      op: "write",
      handle,
      offset,
      data: new Uint8Array(body.buffer, body.byteOffset + WRITE_HEADER_BYTES, size),
    };
  },
  [Opcode.STATFS]: () => ({ op: "statfs" }),
  [Opcode.RELEASE]: (body) => ({ op: "release", handle: body.getBigUint64(0, true) }),
  [Opcode.FSYNC]: () => ({ op: "fsync" }),
  [Opcode.OPENDIR]: () => ({ op: "opendir" }),
  [Opcode.READDIR]: (body) => ({ op: "readdir", isPlus: false, ...decodeRange(body) }),
  [Opcode.READDIRPLUS]: (body) => ({ op: "readdir", isPlus: true, ...decodeRange(body) }),
  [Opcode.RELEASEDIR]: (body) => ({ op: "release", handle: body.getBigUint64(0, true) }),
  [Opcode.INTERRUPT]: (body) => ({ op: "interrupt", target: body.getBigUint64(0, true) }),
  [Opcode.DESTROY]: () => ({ op: "destroy" }),
  [Opcode.CREATE]: () => ({ op: "create" }),
  [Opcode.MKNOD]: () => ({ op: "create" }),
  ...Object.fromEntries(
    [Opcode.SYMLINK, Opcode.MKDIR, Opcode.UNLINK, Opcode.RMDIR, Opcode.RENAME, Opcode.LINK, Opcode.RENAME2].map(
      (opcode): [number, Decode] => [opcode, () => ({ op: "change_entry" })],
    ),
  ),
};

function decodeBody(opcode: number, body: DataView, node: bigint): RequestBody {
  return decoders[opcode]?.(body, node) ?? { op: "unknown", opcode };
}

function decodeRange(body: DataView): Range {
  return {
    handle: body.getBigUint64(0, true),
    offset: Number(body.getBigUint64(8, true)),
    size: body.getUint32(16, true),
  };
}

function decodeSetattr(body: DataView): RequestBody {
  const valid = body.getUint32(0, true);
  return {
    op: "setattr",
    ...((valid & SetattrFlag.MODE) === 0 ? {} : { mode: body.getUint32(68, true) }),
    ...((valid & SetattrFlag.UID) === 0 ? {} : { uid: body.getUint32(76, true) }),
    ...((valid & SetattrFlag.GID) === 0 ? {} : { gid: body.getUint32(80, true) }),
  };
}

function cString(body: DataView, offset: number): string {
  const bytes = new Uint8Array(body.buffer, body.byteOffset + offset, body.byteLength - offset);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}
