/** A `ts` block of a README and what it says it prints. */
export interface Example {
  readonly code: string;
  /** Contents of the `text` block between this `ts` block and the next one; empty without one. */
  readonly expected: string;
  /** Line of the README where the code begins, counted from 1. */
  readonly line: number;
}

/** A fenced block that begins at the margin. Its info string must be `ts` or `text` and nothing else. */
const fence = /^```(ts|text)[ \t]*\n(.*?)^```[ \t]*$/gms;

/** The examples of a README, in order. */
export function findExamples(markdown: string): Example[] {
  const examples: Example[] = [];
  const source = markdown.replaceAll("\r\n", "\n");
  for (const match of source.matchAll(fence)) {
    const [block, language, body = ""] = match;
    const last = examples.at(-1);
    if (language === "ts") {
      const codeStart = match.index + block.indexOf("\n") + 1;
      examples.push({ code: body, expected: "", line: source.slice(0, codeStart).split("\n").length });
    } else if (last !== undefined && last.expected === "") {
      examples[examples.length - 1] = { ...last, expected: body };
    }
  }
  return examples;
}
