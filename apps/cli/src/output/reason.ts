const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "the disk quota is used up",
  EEXIST: "a file of that name is there already",
  EFBIG: "the file is too large",
  EIO: "the device failed (I/O error)",
  EISDIR: "is a directory",
  ELOOP: "too many symbolic links",
  EMFILE: "too many open files",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "no such file",
  ENOSPC: "no space left on the device",
  ENOTDIR: "a part of the path is no directory",
  ENXIO: "no such device",
  EPERM: "not permitted",
  EPIPE: "nobody reads it any more",
  EROFS: "the file system is read-only",
  ETXTBSY: "the file is being executed",
};

/** Why the operating system refused, in words. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : reasons[code]) ?? message;
}
