import { done, refused } from "@memhp/abi";
import { expect, test } from "vitest";
import { decodeRequest, Filesystem, type ServedFiles } from "../src/index.ts";

const file = { kind: "file", mode: 0o644, size: 4096 } as const;
const directory = { kind: "dir", mode: 0o755, size: 0 } as const;
const gone = refused({ errno: "ENOENT", code: "no_entry", rule: "here", retry: "no", remedy: [] });

/** One file, `/sys/word`; a write of `wait` waits for its signal. */
function oneFile(): ServedFiles & { word: string; isThere: boolean } {
  const files = {
    word: "offline\n",
    isThere: true,
    stat: (path: string) =>
      path === "/sys/word"
        ? files.isThere
          ? done(file)
          : gone
        : path === "/" || path === "/sys"
          ? done(directory)
          : gone,
    list: (path: string) => done(path === "/" ? ["sys"] : ["word"]),
    readlink: () => gone,
    read: () => done(files.word),
    readRange: () => gone,
    async write(_path: string, data: string, { signal }: { signal: AbortSignal }) {
      if (data !== "wait") {
        files.word = data;
        return { openErrno: 0, ret: data.length, errno: 0 } as const;
      }
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return { openErrno: 0, ret: -1, errno: "EINTR" } as const;
    },
  };
  return files;
}

/** A request as the kernel writes it: struct fuse_in_header, then the body. */
function request(opcode: number, unique: number, node: bigint, body: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(40 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint32(4, opcode, true);
  view.setBigUint64(8, BigInt(unique), true);
  view.setBigUint64(16, node, true);
  bytes.set(body, 40);
  return bytes;
}

const name = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`);

function numbers(...parts: readonly (readonly [bytes: 4 | 8, value: number | bigint])[]): Uint8Array {
  const body = new Uint8Array(parts.reduce((sum, [bytes]) => sum + bytes, 0));
  const view = new DataView(body.buffer);
  let at = 0;
  for (const [bytes, value] of parts) {
    if (bytes === 4) view.setUint32(at, Number(value), true);
    else view.setBigUint64(at, BigInt(value), true);
    at += bytes;
  }
  return body;
}

/** struct fuse_read_in and fuse_write_in begin alike: handle, offset, size, flags, lock owner, flags, padding. */
const range = (handle: bigint, offset: number, size: number): Uint8Array =>
  numbers([8, handle], [8, offset], [4, size], [4, 0], [8, 0], [4, 0], [4, 0]);

interface Answered {
  readonly errno: number;
  readonly body: DataView;
  readonly text: string;
}

function open(
  filesystem: Filesystem,
): (opcode: number, node: bigint, body?: Uint8Array, unique?: number) => Promise<Answered | undefined> {
  let last = 0;
  return async (opcode, node, body, unique = ++last) => {
    const bytes = await filesystem.answer(decodeRequest(request(opcode, unique, node, body)));
    if (bytes === undefined) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    expect(view.getUint32(0, true)).toBe(bytes.length);
    expect(view.getBigUint64(8, true)).toBe(BigInt(unique));
    const rest = bytes.subarray(16);
    return {
      errno: 0 - view.getInt32(4, true),
      body: new DataView(rest.buffer, rest.byteOffset, rest.byteLength),
      text: String.fromCharCode(...rest),
    };
  };
}

const LOOKUP = 1;
const FORGET = 2;
const OPEN = 14;
const READ = 15;
const WRITE = 16;
const RELEASE = 18;
const INTERRUPT = 36;
const POLL = 40;

async function opened(files: ServedFiles) {
  const filesystem = new Filesystem(files, 0);
  const ask = open(filesystem);
  const sys = (await ask(LOOKUP, 1n, name("sys")))?.body.getBigUint64(0, true) as bigint;
  const word = (await ask(LOOKUP, sys, name("word")))?.body.getBigUint64(0, true) as bigint;
  const handle = (await ask(OPEN, word, numbers([4, 2], [4, 0])))?.body.getBigUint64(0, true) as bigint;
  return { filesystem, ask, sys, word, handle };
}

test("what a read from the beginning gave stays for the reads behind it, as seq_file keeps it", async () => {
  const files = oneFile();
  const { ask, word, handle } = await opened(files);
  expect((await ask(READ, word, range(handle, 0, 3)))?.text).toBe("off");
  files.word = "online\n";
  expect((await ask(READ, word, range(handle, 3, 100)))?.text).toBe("line\n");
  expect((await ask(READ, word, range(handle, 8, 100)))?.text).toBe("");
  expect((await ask(READ, word, range(handle, 0, 100)))?.text).toBe("online\n");
});

test("an open file whose device has gone reads ENODEV, and its name is no longer true", async () => {
  const files = oneFile();
  const { filesystem, ask, sys, word, handle } = await opened(files);
  expect(filesystem.vanished()).toEqual([]);
  files.isThere = false;
  expect((await ask(READ, word, range(handle, 0, 100)))?.errno).toBe(19);
  const [message, ...others] = filesystem.vanished() as [Uint8Array];
  expect(others).toEqual([]);
  const view = new DataView(message.buffer);
  // FUSE_NOTIFY_INVAL_ENTRY, for nobody's request.
  expect([view.getInt32(4, true), view.getBigUint64(8, true), view.getBigUint64(16, true)]).toEqual([3, 0n, sys]);
  expect(String.fromCharCode(...message.subarray(32))).toBe("word\0");
});

test("a write waits, others are answered meanwhile, and FUSE_INTERRUPT ends it with EINTR", async () => {
  const { filesystem, ask, word, handle } = await opened(oneFile());
  const body = new Uint8Array([...range(handle, 0, 4), ...new TextEncoder().encode("wait")]);
  const writing = ask(WRITE, word, body, 77);
  expect((await ask(READ, word, range(handle, 0, 100)))?.text).toBe("offline\n");
  expect(filesystem.counts.waiting).toBe(1);
  expect(await ask(INTERRUPT, 0n, numbers([8, 77]), 78)).toBe(undefined);
  expect((await writing)?.errno).toBe(4);
  expect(filesystem.counts.waiting).toBe(0);
});

test("nothing is kept of what is closed and forgotten", async () => {
  const { filesystem, ask, sys, word, handle } = await opened(oneFile());
  expect(filesystem.counts).toEqual({ waiting: 0, open: 1, known: 3 });
  await ask(RELEASE, word, numbers([8, handle], [4, 0], [4, 0], [8, 0]));
  await ask(LOOKUP, sys, name("word"));
  await ask(FORGET, word, numbers([8, 1]));
  expect(filesystem.counts).toEqual({ waiting: 0, open: 0, known: 3 });
  await ask(FORGET, word, numbers([8, 1]));
  await ask(FORGET, sys, numbers([8, 1]));
  expect(filesystem.counts).toEqual({ waiting: 0, open: 0, known: 1 });
});

test("what the protocol has beyond this is answered ENOSYS, once and for all", async () => {
  const { ask, word } = await opened(oneFile());
  expect((await ask(POLL, word))?.errno).toBe(38);
});

test("who opens a writable file that somebody has open gets an inode alone, also when both come at once", async () => {
  const { filesystem, ask, sys, word } = await opened(oneFile());
  const stale = await ask(OPEN, word, numbers([4, 0], [4, 0]));
  expect(stale?.errno).toBe(116);
  // The kernel's second try, once.
  const again = (await ask(LOOKUP, sys, name("word")))?.body.getBigUint64(0, true) as bigint;
  expect(again).not.toBe(word);
  expect((await ask(OPEN, again, numbers([4, 0], [4, 0])))?.errno).toBe(0);
  expect(filesystem.counts.open).toBe(2);
});
