// The table of what a package exports, in its README: made of the docstrings, so that it says what they say.
import type { ApiEntry, ApiExport } from "./walk.ts";

const BEGIN = "<!-- exports: `check docstrings --write` makes this -->";
const END = "<!-- /exports -->";
/** A longer table is folded. */
const MOST_ROWS = 24;

/** What stands between the marks, before it is formatted. */
export function exportsSection(entries: readonly ApiEntry[]): string {
  const seen = new Set<string>();
  const parts = entries.flatMap(({ entry, exports }) => {
    const fresh = exports.filter(({ name, source }) => !seen.has(`${source} ${name}`) && seen.add(`${source} ${name}`));
    return fresh.length === 0 ? [] : [partOf(entry, fresh)];
  });
  return [BEGIN, "", ...parts, END].join("\n");
}

function partOf(entry: string, exports: readonly ApiExport[]): string {
  const rows = exports
    .filter(({ kind }) => kind !== "type")
    .map(({ name, doc }) => `| \`${name}\` | ${firstSentence(doc)} |`);
  const types = exports.filter(({ kind }) => kind === "type").map(({ name }) => `\`${name}\``);
  const parts = [
    ...(rows.length === 0 ? [`Of \`${entry}\`:`] : [[`| \`${entry}\` | |`, "| --- | --- |", ...rows].join("\n")]),
    ...(types.length === 0 ? [] : [`Types: ${types.join(" ")}`]),
  ];
  const whole = parts.join("\n\n");
  return rows.length > MOST_ROWS
    ? `<details>\n<summary>${rows.length} functions, classes and constants, and ${types.length} types</summary>\n\n${whole}\n\n</details>\n`
    : `${whole}\n`;
}

function firstSentence(doc: string): string {
  const [first = ""] = doc.replaceAll(/\s+/g, " ").split(/(?<=[.:]) (?=[A-Z`])/);
  return first.replaceAll("|", "\\|").replaceAll("<", "&lt;").replace(/:$/, ".");
}

/** A README with the section in its place; without marks, nothing is known of where it goes. */
export function withExports(readme: string, section: string): string | undefined {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  return from === -1 || to < from ? undefined : `${readme.slice(0, from)}${section}${readme.slice(to + END.length)}`;
}

/** Whether a README says what the section says, however its table is laid out. */
export function hasExports(readme: string, section: string): boolean {
  const wanted = withExports(readme, section);
  return wanted !== undefined && laidOutAlike(wanted) === laidOutAlike(readme);
}

function laidOutAlike(markdown: string): string {
  return markdown.replaceAll(/-{3,}/g, "---").replaceAll(/\s+/g, " ");
}
