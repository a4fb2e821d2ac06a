/** Linux errno values that memory hotplug can return (asm-generic numbering). */
const table = [
  ["EPERM", 1, "Operation not permitted"],
  ["ENOENT", 2, "No such file or directory"],
  ["EINTR", 4, "Interrupted system call"],
  ["EIO", 5, "Input/output error"],
  ["ENXIO", 6, "No such device or address"],
  ["E2BIG", 7, "Argument list too long"],
  ["EBADF", 9, "Bad file descriptor"],
  ["EAGAIN", 11, "Resource temporarily unavailable"],
  ["ENOMEM", 12, "Cannot allocate memory"],
  ["EACCES", 13, "Permission denied"],
  ["EBUSY", 16, "Device or resource busy"],
  ["EEXIST", 17, "File exists"],
  ["ENODEV", 19, "No such device"],
  ["ENOTDIR", 20, "Not a directory"],
  ["EISDIR", 21, "Is a directory"],
  ["EINVAL", 22, "Invalid argument"],
  ["EFBIG", 27, "File too large"],
  ["ENOSPC", 28, "No space left on device"],
  ["ERANGE", 34, "Numerical result out of range"],
  ["ENOSYS", 38, "Function not implemented"],
  ["ELOOP", 40, "Too many levels of symbolic links"],
  ["EOPNOTSUPP", 95, "Operation not supported"],
  ["EALREADY", 114, "Operation already in progress"],
  ["ENOTRECOVERABLE", 131, "State not recoverable"],
  ["EHWPOISON", 133, "Memory page has hardware error"],
] as const;

/** Name of an errno that memhp knows by name. */
export type ErrnoName = (typeof table)[number][0];

/**
 * An errno as traces write it: its name, or the bare number where the number
 * has no name (an injected notifier error may be any of 1..4095).
 */
export type Errno = ErrnoName | number;

const byName: ReadonlyMap<string, readonly [string, number, string]> = new Map(table.map((row) => [row[0], row]));
const byNumber: ReadonlyMap<number, readonly [ErrnoName, number, string]> = new Map(table.map((row) => [row[1], row]));

/**
 * Positive number of an errno: `errnoNumber("EBUSY") === 16`.
 * @throws RangeError for a name that is no errno
 */
export function errnoNumber(errno: Errno): number {
  if (typeof errno === "number") return errno;
  const row = byName.get(errno);
  if (row === undefined) throw new RangeError(`unknown errno name: ${errno}`);
  return row[1];
}

/**
 * Name of a positive errno number, or the number itself where it has none.
 * @throws RangeError for a number outside of 1 to 4095
 */
export function errnoFromNumber(number: number): Errno {
  if (!Number.isInteger(number) || number < 1 || number > 4095) {
    throw new RangeError(`errno out of range: ${number} (allowed: 1..4095)`);
  }
  return byNumber.get(number)?.[0] ?? number;
}

/** The text that strerror(3) gives. */
export function errnoText(errno: Errno): string {
  const number = errnoNumber(errno);
  return byNumber.get(number)?.[2] ?? `Unknown error ${number}`;
}

/** All errno names that memhp knows. */
export const errnoNames: readonly ErrnoName[] = table.map((row) => row[0]);
