/** The version that a monitor greets with. */
export interface QemuVersion {
  /** First number of the version. */
  readonly major: number;
  /** Second number of the version. */
  readonly minor: number;
  /** Third number of the version. */
  readonly micro: number;
  readonly package: string;
}

/** The QEMU of the recorded answers. */
export const DEFAULT_VERSION: QemuVersion = { major: 7, minor: 2, micro: 22, package: "memhp" };

/** The first that is not known to be like a recorded one (7.2.22, 11.1.3). */
const END_MAJOR = 12;

/** Reads `11.1` or `7.2.22`; undefined for what is no version, or none from 7.2 to 11. */
export function readQemuVersion(text: string): QemuVersion | undefined {
  const parts = /^(\d{1,2})\.(\d{1,2})(?:\.(\d{1,3}))?$/.exec(text);
  if (parts === null) return undefined;
  const [major = 0, minor = 0, micro = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  const version = { major, minor, micro, package: DEFAULT_VERSION.package };
  return isQemuSince(version, 7, 2) && major < END_MAJOR ? version : undefined;
}

/** Whether a QEMU is of this release, `major`.`minor`, or a later one. @param version `DEFAULT_VERSION` where it is undefined. */
export function isQemuSince(
  version: Pick<QemuVersion, "major" | "minor"> = DEFAULT_VERSION,
  major: number,
  minor: number,
): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}
