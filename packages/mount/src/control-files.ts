import { done, type Refusal, refused, type Result } from "@memhp/abi";
import type { Stat, WriteAnswer } from "@memhp/sysfs";
import type { Call, ServedFiles } from "./filesystem/served-files.ts";
import type { FollowedText } from "./followed-text.ts";

/** A file that belongs to memhp and not to the machine. */
export interface ControlFile {
  /** What it shows. */
  read(): string;
  /** Instead of `read`, for a file whose readers wait at its end for more. */
  readonly follow?: FollowedText;
  /** Carries out one line. @returns undefined, or what is wrong with it. */
  command?(line: string): Promise<string | undefined> | string | undefined;
}

/** Where they are: no file of a kernel begins with a dot. */
export const CONTROL = "/.memhp";

const directory: Stat = { kind: "dir", mode: 0o755, size: 0 };

/**
 * Puts files of memhp's own beside those of a machine, as `/.memhp/NAME`. A write of several lines carries them out in turn, up to
 * the first that is wrong, which answers EINVAL; `/.memhp/error` says why.
 */
export function withControlFiles(files: ServedFiles, control: Readonly<Record<string, ControlFile>>): ServedFiles {
  let error = "";
  const own: Readonly<Record<string, ControlFile>> = { ...control, error: { read: () => error } };
  const at = (path: string): ControlFile | undefined => {
    const name = path.startsWith(`${CONTROL}/`) ? path.slice(CONTROL.length + 1) : "";
    return Object.hasOwn(own, name) ? own[name] : undefined;
  };
  const isOurs = (path: string): boolean => path === CONTROL || path.startsWith(`${CONTROL}/`);
  return {
    stat(path) {
      if (!isOurs(path)) return files.stat(path);
      if (path === CONTROL) return done(directory);
      const file = at(path);
      if (file === undefined) return noEntry(path);
      const mode = file.command === undefined ? 0o444 : 0o644;
      return done({ kind: "file", mode, size: 0, ...(file.follow === undefined ? {} : { byRange: true }) });
    },
    list(path) {
      if (path === CONTROL) return done(Object.keys(own));
      const names = files.list(path);
      return path === "/" && names.ok ? done([CONTROL.slice(1), ...names.value]) : names;
    },
    readlink: (path) => (isOurs(path) ? noEntry(path) : files.readlink(path)),
    read(path, call) {
      const file = at(path);
      if (file !== undefined) return done(file.read());
      return isOurs(path) ? noEntry(path) : files.read(path, call);
    },
    async readRange(path, offset, length, call) {
      const text = at(path)?.follow;
      if (text !== undefined) return done(await text.read(offset, length, call.signal));
      return isOurs(path) ? noEntry(path) : files.readRange(path, offset, length, call);
    },
    async write(path: string, data: string, call: Call): Promise<WriteAnswer> {
      const file = at(path);
      if (file?.command === undefined) return files.write(path, data, call);
      for (const line of data.split("\n").map((text) => text.trim())) {
        if (line === "" || line.startsWith("#")) continue;
        const wrong = await file.command(line);
        if (wrong === undefined) continue;
        error = `${line}: ${wrong}\n`;
        return { openErrno: 0, ret: -1, errno: "EINVAL", refusal: badCommand(line, wrong) };
      }
      error = "";
      return { openErrno: 0, ret: data.length, errno: 0 };
    },
  };
}

function badCommand(line: string, wrong: string): Refusal {
  return {
    errno: "EINVAL",
    code: "bad_word",
    rule: "a file of memhp's own",
    retry: "no",
    remedy: [`read ${CONTROL}/error`],
    detail: `${line}: ${wrong}`,
  };
}

function noEntry(path: string): Extract<Result<never>, { readonly ok: false }> {
  return refused({
    errno: "ENOENT",
    code: "no_entry",
    rule: "a file of memhp's own",
    retry: "no",
    remedy: [`list ${CONTROL}`],
    detail: path,
  });
}
