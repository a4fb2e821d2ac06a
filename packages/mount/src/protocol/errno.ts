/** Answers that the file system gives by itself (asm-generic numbering). */
export const EPERM = 1;
export const ENOENT = 2;
export const EINTR = 4;
export const EIO = 5;
export const EBADF = 9;
export const EACCES = 13;
export const ENODEV = 19;
export const ENOSYS = 38;
export const ESTALE = 116;
