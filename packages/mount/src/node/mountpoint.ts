import { mkdir, readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { FILE_SYSTEM, unmountFuse } from "./commands.ts";
import { MountUnavailable } from "./device.ts";

/** One line of /proc/self/mountinfo. */
interface MountLine {
  readonly directory: string;
  readonly type: string;
}

/** Blanks in paths are written as `\040` there. */
export function parseMountinfo(text: string): MountLine[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const fields = line.split(" ");
      const directory = (fields[4] ?? "").replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      );
      return { directory, type: fields[fields.indexOf("-") + 1] ?? "" };
    });
}

async function isOurs(directory: string): Promise<boolean> {
  const mounts = parseMountinfo(await readFile("/proc/self/mountinfo", "utf8"));
  return mounts.findLast((mount) => mount.directory === directory)?.type === FILE_SYSTEM;
}

/** A directory that can be mounted over. */
export interface Mountpoint {
  readonly directory: string;
  /** An earlier memhp died and left its mount here; it was taken away. */
  readonly wasStale: boolean;
}

/** Makes the directory, and clears it of what a dead memhp left. @throws MountUnavailable */
export async function prepareMountpoint(path: string): Promise<Mountpoint> {
  const directory = resolve(path);
  try {
    await mkdir(directory, { recursive: true });
    if (!(await stat(directory)).isDirectory()) throw new MountUnavailable(`${path}: is not a directory`);
  } catch (error) {
    if (!isDead(error)) throw error instanceof MountUnavailable ? error : unusable(path, error as Error);
    if (!(await isOurs(directory))) throw new MountUnavailable(`${path}: a file system that has died is mounted here`);
    await unmountFuse(directory);
    return { directory, wasStale: true };
  }
  if (await isOurs(directory)) throw new MountUnavailable(`${path}: another memhp serves this directory`);
  return { directory, wasStale: false };
}

/** ENOTCONN: nobody serves it any more. mkdir says EEXIST before it looks. */
function isDead(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOTCONN" || code === "ECONNABORTED";
}

function unusable(path: string, error: Error): MountUnavailable {
  return new MountUnavailable(`${path}: cannot be mounted over: ${error.message}`, { cause: error });
}
