import { absolutePath, type Session } from "./session.ts";

/** What could follow: commands for the first word, paths for the others. */
export function completions(
  session: Session,
  commands: readonly string[],
  line: string,
): [candidates: string[], part: string] {
  const part = /[^\s>]*$/.exec(line)?.[0] ?? "";
  const isFirst = line.trimStart() === part;
  if (isFirst) return [commands.filter((name) => name.startsWith(part)).map((name) => `${name} `), part];
  const slash = part.lastIndexOf("/") + 1;
  const [folder, start] = [part.slice(0, slash), part.slice(slash)];
  const directory = absolutePath(session.directory, folder === "" ? "." : folder);
  const names = session.files.list(directory);
  if (!names.ok) return [[], part];
  const found = names.value.filter((name) => name.startsWith(start));
  return [found.map((name) => `${folder}${name}${ending(session, directory, name)}`), part];
}

function ending({ machine, files }: Session, directory: string, name: string): string {
  const path = `${directory === "/" ? "" : directory}/${name}`;
  const real = machine.files.realpath(path);
  const stat = files.stat(real.ok ? real.value : path);
  return stat.ok && stat.value.kind === "dir" ? "/" : " ";
}
