import { type Errno, errnoText, type Refusal, refusalSentences } from "@memhp/abi";
import { absolutePath, type PromptCommand, type Session } from "./session.ts";

/** Follows links as the tree does; files of memhp's own have none. */
function resolved(session: Session, path: string): string {
  const absolute = absolutePath(session.directory, path);
  const real = session.machine.files.realpath(absolute);
  return real.ok ? real.value : absolute;
}

function fails(session: Session, command: string, path: string, errno: Errno): 1 {
  session.warn(`${command}: ${path}: ${errnoText(errno)}\n`);
  return 1;
}

export const cat: PromptCommand = async (session, words) => {
  let status = 0;
  for (const path of words) {
    const read = await session.files.read(resolved(session, path), session.call);
    if (read.ok) session.print(read.value);
    else status = fails(session, "cat", path, read.refusal.errno);
  }
  return status;
};

/** What `echo WORDS > FILE` does; without a file, it prints them. */
export async function echo(session: Session, words: readonly string[], to: string | undefined): Promise<number> {
  const options = words[0] === "-n" ? 1 : 0;
  const text = `${words.slice(options).join(" ")}${options === 0 ? "\n" : ""}`;
  if (to === undefined) {
    session.print(text);
    return 0;
  }
  const { openErrno, errno, refusal } = await session.files.write(resolved(session, to), text, session.call);
  if (openErrno !== 0) return fails(session, "echo", to, openErrno);
  if (errno === 0) return 0;
  session.warn(`echo: write error: ${errnoText(errno)}\n${why(refusal)}`);
  return 1;
}

/** A real shell does not know; this one can ask. */
function why(refusal: Refusal | undefined): string {
  return refusal === undefined ? "" : `  ${refusalSentences(refusal).join("\n  ")}\n`;
}

export const ls: PromptCommand = (session, words) => {
  const isLong = words.some((word) => /^-\w*l/.test(word));
  const paths = words.filter((word) => !word.startsWith("-"));
  let status = 0;
  for (const path of paths.length === 0 ? ["."] : paths) {
    const at = resolved(session, path);
    const names = session.files.list(at);
    if (names.ok) {
      session.print(names.value.map((name) => `${isLong ? longLine(session, at, name) : name}\n`).join(""));
      continue;
    }
    const stat = session.files.stat(at);
    if (stat.ok) session.print(`${path}\n`);
    else status = fails(session, "ls", path, stat.refusal.errno);
  }
  return status;
};

function longLine({ files }: Session, directory: string, name: string): string {
  const path = `${directory === "/" ? "" : directory}/${name}`;
  const stat = files.stat(path);
  if (!stat.ok) return name;
  const { kind, mode, size } = stat.value;
  const bits = [6, 3, 0]
    .map((shift) => ["r", "w", "x"].map((bit, i) => ((mode >> shift) & (4 >> i) ? bit : "-")).join(""))
    .join("");
  const link = kind === "link" ? files.readlink(path) : undefined;
  const target = link?.ok === true ? ` -> ${link.value}` : "";
  return `${{ dir: "d", file: "-", link: "l" }[kind]}${bits} root root ${String(size).padStart(5)} ${name}${target}`;
}

const TREE_DEPTH = 2;

export const tree: PromptCommand = (session, words) => {
  const [path = "."] = words;
  const root = resolved(session, path);
  const names = session.files.list(root);
  if (!names.ok) return fails(session, "tree", path, names.refusal.errno);
  session.print(`${path}\n`);
  for (const { path: entry, target } of session.machine.files.walk(root, TREE_DEPTH - 1)) {
    const below = entry
      .slice(root === "/" ? 0 : root.length)
      .split("/")
      .slice(1);
    session.print(`${"  ".repeat(below.length)}${below.at(-1)}${target === undefined ? "" : ` -> ${target}`}\n`);
  }
  return 0;
};

export const cd: PromptCommand = (session, words) => {
  const [path = "/"] = words;
  const at = resolved(session, path);
  const stat = session.files.stat(at);
  if (!stat.ok) return fails(session, "cd", path, stat.refusal.errno);
  if (stat.value.kind !== "dir") return fails(session, "cd", path, "ENOTDIR");
  session.directory = at;
  return 0;
};

export const pwd: PromptCommand = (session) => {
  session.print(`${session.directory}\n`);
  return 0;
};
