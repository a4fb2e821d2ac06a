import type { Stat } from "@memhp/sysfs";
import { EACCES } from "../protocol/errno.ts";

const O_ACCMODE = 3;
const O_WRONLY = 1;
const O_RDWR = 2;

/**
 * What kernfs says to an open beyond the permission bits: who asks may be root, and still a file without read or write bits for
 * anybody cannot be opened for that (fs/kernfs/file.c, observed-6 §2). procfs leaves it to the write.
 * @returns an errno, or 0.
 */
export function openErrno(path: string, { mode }: Stat, flags: number): number {
  if (!path.startsWith("/sys/")) return 0;
  const access = flags & O_ACCMODE;
  const isRead = access !== O_WRONLY;
  const isWritten = access === O_WRONLY || access === O_RDWR;
  if (isRead && (mode & 0o444) === 0) return EACCES;
  return isWritten && (mode & 0o222) === 0 ? EACCES : 0;
}
