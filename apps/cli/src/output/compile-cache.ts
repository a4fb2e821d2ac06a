import { lstatSync, mkdirSync } from "node:fs";
import module from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** What this thread loads from now on is compiled once for all its starts, where Node can (from 22 on) and the user has a folder for it. */
export function keepCompiled(): void {
  const folder = "enableCompileCache" in module ? compileCache() : undefined;
  if (folder !== undefined) module.enableCompileCache(folder);
}

/** Who asks: the real process, unless told. */
interface Asker {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Undefined where files have no owners. */
  readonly uid: number | undefined;
}

const OTHERS_WRITE = 0o022;

/**
 * The folder in which compiled modules are kept between runs: the user's own, since what lies there is carried out. It is made where it
 * is missing.
 * @returns undefined where there is none that nobody else could write to
 */
export function compileCache(
  { env, home, uid }: Asker = { env: process.env, home: homedir(), uid: process.getuid?.() },
): string | undefined {
  const given = env["XDG_CACHE_HOME"] ?? "";
  const caches = isAbsolute(given) ? given : join(home, ".cache");
  const folder = join(caches, "memhp");
  try {
    for (const each of [caches, folder]) made(each);
    // A link is none: it leads to where others may write.
    const found = lstatSync(folder);
    const isOwn = uid === undefined || (found.uid === uid && (found.mode & OTHERS_WRITE) === 0);
    return isOwn && found.isDirectory() ? folder : undefined;
  } catch {
    return undefined;
  }
}

function made(folder: string): void {
  try {
    mkdirSync(folder, 0o700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
