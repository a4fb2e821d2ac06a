import { ParseError } from "@memhp/abi";

/** Splits a command line as a shell does: quotes, backslashes, lines that go on. Nothing is expanded. @throws ParseError */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const char = line[at] as string;
    if (char === "\\") {
      at++;
      if (line[at] !== "\n" && at < line.length) word = (word ?? "") + (line[at] as string);
    } else if (char === "'" || char === '"') {
      const end = closing(line, at);
      word = (word ?? "") + unescaped(line.slice(at + 1, end), char);
      at = end;
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (word !== undefined) words.push(word);
  return words;
}

function closing(line: string, start: number): number {
  const quote = line[start];
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] === "\\" && quote === '"') at++;
    else if (line[at] === quote) return at;
  }
  throw new ParseError(`the quote at character ${start + 1} does not end`);
}

function unescaped(text: string, quote: string): string {
  return quote === "'" ? text : text.replaceAll(/\\(["\\$`])/g, "$1").replaceAll("\\\n", "");
}
