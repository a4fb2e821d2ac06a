import { createInterface } from "node:readline";

/** Something that takes lines, until one ends it. */
export interface LinePrompt {
  readonly text: string;
  complete(line: string): [candidates: string[], part: string];
  /** @returns false where the line ends it. */
  line(text: string): Promise<boolean>;
}

/** Reads lines from standard input: with a prompt, history and completion on a terminal. */
export async function readPrompt(prompt: LinePrompt): Promise<void> {
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const reading = createInterface({
    input: process.stdin,
    ...(isTerminal ? { output: process.stdout, completer: (line: string) => prompt.complete(line) } : {}),
    terminal: isTerminal,
  });
  const show = (): void => {
    if (!isTerminal) return;
    reading.setPrompt(prompt.text);
    reading.prompt();
  };
  // ^C gives a new line, as in a shell.
  reading.on("SIGINT", () => {
    process.stdout.write("\n");
    show();
  });
  show();
  for await (const line of reading) {
    if (!(await prompt.line(line))) break;
    show();
  }
  reading.close();
}
