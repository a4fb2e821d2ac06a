/** A line of the prompt: words, and where a `>` sends them. */
export interface Line {
  readonly words: readonly string[];
  readonly to?: string;
}

/** What is wrong with a line. */
export class LineError extends Error {
  override readonly name = "LineError";
}

/** Words as a shell splits them: quotes, backslashes, `#` for the rest of the line, `>` for a file. @throws LineError */
export function parseLine(text: string): Line {
  const words: string[] = [];
  const token = /\s*(?:(#.*)|(>>?)|((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\>])+)|(\S))/gy;
  let to: string | undefined;
  let expectsFile = false;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [, comment, redirect, word, other] = match;
    if (comment !== undefined && !expectsFile) break;
    if (other !== undefined) throw new LineError(`unfinished ${other}`);
    if (redirect !== undefined) {
      expectsFile = true;
    } else if (expectsFile) {
      to = unquoted(word ?? "");
      expectsFile = false;
    } else {
      words.push(unquoted(word ?? ""));
    }
  }
  if (expectsFile) throw new LineError("a file is missing behind >");
  return to === undefined ? { words } : { words, to };
}

function unquoted(word: string): string {
  return word.replaceAll(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g, (_, double?: string, single?: string, one?: string) =>
    double === undefined ? (single ?? one ?? "") : double.replaceAll(/\\(.)/g, "$1"),
  );
}
