/**
 * Breaks a text between words; a word longer than a line stays whole. Blanks at the
 * start stay; lines but the first are indented by `hanging`.
 */
export function wrap(text: string, width: number, hanging: number): string[] {
  const [start = ""] = /^ */.exec(text) ?? [];
  const lines: string[] = [];
  let line = start;
  let isEmpty = true;
  for (const word of text.slice(start.length).split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line.trimEnd());
      line = `${" ".repeat(hanging)}${word}`;
    } else {
      line = isEmpty ? `${line}${word}` : `${line} ${word}`;
    }
    isEmpty = false;
  }
  return [...lines, line];
}
