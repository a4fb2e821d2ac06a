/** Text of elsewhere for a page that Vue compiles: tags and braces outside of code are shown, not carried out. */
export function shown(markdown: string): string {
  return markdown
    .split(/(^```.*?^```[ \t]*$|`[^`\n]+`)/gms)
    .map((part, i) => (i % 2 === 1 ? part : part.replaceAll("<", "&lt;").replaceAll("{{", "&#123;&#123;")))
    .join("");
}

/** A fenced block. */
export function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`;
}

/** A table; cells are Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("\n", " ").replaceAll("|", "\\|")).join(" | ")} |`;
  return `${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}\n`;
}

/** What a page of the site is, and where. */
export interface Page {
  /** `reference/operations`. */
  readonly path: string;
  readonly markdown: string;
}
