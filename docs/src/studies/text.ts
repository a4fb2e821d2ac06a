/** What of a sweep's document is told in its text. */
interface Told {
  readonly question?: string;
  readonly answer?: string;
  readonly facts?: readonly string[];
}

const WHAT_ELSE = "What would change the answer:";

/** The table in what `memhp sweep` prints: the paragraph after the question. @throws Error where there is none. */
export function tableOf(printed: string): string {
  const table = printed.split("\n\n")[1];
  if (table === undefined) throw new Error("no table was printed");
  return table.trimEnd();
}

/** A study's text with the words of its file and a table; its title and how to see it again are kept as somebody wrote them. */
export function studyText(before: string, { question, answer = "", facts = [] }: Told, table: string): string {
  const kept = (start: string): string => {
    const line = before.split("\n").find((each) => each.startsWith(start));
    if (line === undefined) throw new Error(`a study's text has a line that begins with ${JSON.stringify(start)}`);
    return line;
  };
  const [said, changes] = answer.split(WHAT_ELSE).map((part) => part.trim());
  const paragraphs = [
    kept("# "),
    question,
    said,
    changes === undefined ? undefined : `**${WHAT_ELSE.slice(0, -1)}**: ${changes}`,
    `**It rests on**: ${facts.join("; ")}.`,
    kept("To see it again: "),
    `\`\`\`text\n${table}\n\`\`\``,
  ];
  return `${paragraphs.filter((paragraph) => paragraph !== undefined).join("\n\n")}\n`;
}
