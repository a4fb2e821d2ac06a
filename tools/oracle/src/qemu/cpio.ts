/** An entry of an archive: a directory, a file with its bytes, or a character device. */
export interface CpioEntry {
  /** Without a leading slash. */
  readonly path: string;
  /** Type and permissions as in `st_mode`. */
  readonly mode: number;
  readonly data?: Uint8Array;
  readonly device?: { readonly major: number; readonly minor: number };
}

export const S_IFDIR = 0o040000;
export const S_IFREG = 0o100000;
export const S_IFCHR = 0o020000;

const MAGIC = "070701";
const TRAILER: CpioEntry = { path: "TRAILER!!!", mode: 0 };

/**
 * Writes a cpio archive in the newc format, as the kernel unpacks it (Documentation/driver-api/early-userspace/buffer-format.rst).
 * Owner root, no times: the same entries give the same bytes.
 */
export function writeCpio(entries: readonly CpioEntry[]): Uint8Array {
  const parts = [...entries, TRAILER].flatMap((entry, i) => {
    const data = entry.data ?? new Uint8Array();
    return [padded(Buffer.concat([header(entry, entry === TRAILER ? 0 : i + 1, data.length), name(entry)])), padded(data)];
  });
  return Buffer.concat(parts);
}

function header(entry: CpioEntry, inode: number, fileSize: number): Buffer {
  const { major = 0, minor = 0 } = entry.device ?? {};
  const links = (entry.mode & 0o170000) === S_IFDIR ? 2 : 1;
  // ino, mode, uid, gid, nlink, mtime, filesize, dev major and minor, rdev major and minor, namesize, check
  const fields = [inode, entry.mode, 0, 0, links, 0, fileSize, 0, 0, major, minor, name(entry).length, 0];
  return Buffer.from(MAGIC + fields.map((field) => field.toString(16).padStart(8, "0")).join(""), "latin1");
}

function name(entry: CpioEntry): Buffer {
  return Buffer.from(`${entry.path}\0`, "utf8");
}

/** Headers with their names, and contents, end at multiples of 4 bytes. */
function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
