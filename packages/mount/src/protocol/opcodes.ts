/** Operations of the FUSE protocol that mean something here (include/uapi/linux/fuse.h); any other is answered ENOSYS. */
export const Opcode = {
  LOOKUP: 1,
  FORGET: 2,
  GETATTR: 3,
  SETATTR: 4,
  READLINK: 5,
  SYMLINK: 6,
  MKNOD: 8,
  MKDIR: 9,
  UNLINK: 10,
  RMDIR: 11,
  RENAME: 12,
  LINK: 13,
  OPEN: 14,
  READ: 15,
  WRITE: 16,
  STATFS: 17,
  RELEASE: 18,
  FSYNC: 20,
  INIT: 26,
  OPENDIR: 27,
  READDIR: 28,
  RELEASEDIR: 29,
  CREATE: 35,
  INTERRUPT: 36,
  DESTROY: 38,
  BATCH_FORGET: 42,
  READDIRPLUS: 44,
  RENAME2: 45,
} as const;

/** What the kernel may leave to this side, and this side to the kernel. */
export const InitFlag = {
  ASYNC_READ: 1,
  /** O_TRUNC comes with OPEN instead of a SETATTR before it. */
  ATOMIC_O_TRUNC: 0x8,
  BIG_WRITES: 0x20,
  DO_READDIRPLUS: 0x2000,
  READDIRPLUS_AUTO: 0x4000,
  PARALLEL_DIROPS: 0x40000,
} as const;

/** Which members of a SETATTR count. */
export const SetattrFlag = { MODE: 1, UID: 2, GID: 4 } as const;

/** Each read(2) and write(2) comes through, and none is answered from the page cache. */
export const FOPEN_DIRECT_IO = 1;

/** Codes of messages that nobody asked for. */
export const NOTIFY_INVAL_ENTRY = 3;

export const ROOT_ID = 1n;
