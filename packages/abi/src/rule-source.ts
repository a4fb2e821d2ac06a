/** Where a refusal's `rule`, or a comment of a rule, is written: a document of the facts, and a section of it. */
export interface RuleSource {
  /** `kernel`, `observed-4.1`, `observed-6`, `observed-newer`. */
  readonly document: string;
  /** `4.3`. */
  readonly section: string;
  /** Path in the documentation: `facts/kernel.html#s4-3`. */
  readonly address: string;
}

const NAMED = /\b(observed-(?:4\.1|6|newer)|facts(?:\/kernel\.md)?) §\s?(\d+(?:\.\d+)?)/g;

/**
 * The places that a text names: `ruleSources(refusal.rule)`. The documents are in the documentation, and `memhp rule "facts §4.3"` prints a section.
 * @returns each place once, in the order of the text; none where it names a function of the kernel only.
 */
export function ruleSources(text: string): RuleSource[] {
  const found = new Map<string, RuleSource>();
  for (const [, name = "", section = ""] of text.matchAll(NAMED)) {
    const document = name.startsWith("observed-") ? name : "kernel";
    const address = `facts/${document}.html#s${section.replace(".", "-")}`;
    if (!found.has(address)) found.set(address, { document, section, address });
  }
  return [...found.values()];
}

/**
 * A section of one of those documents.
 * @param markdown the whole document. @param section its number: `4.3`.
 * @returns its heading and all below; undefined where there is none of that number.
 */
export function sectionOf(markdown: string, section: string): string | undefined {
  const lines = markdown.split("\n");
  const heading = new RegExp(`^(#+) ${section.replaceAll(".", "\\.")}\\.? `);
  const start = lines.findIndex((line) => heading.test(line));
  if (start === -1) return undefined;
  const depth = /^#+/.exec(lines[start] ?? "")?.[0].length ?? 0;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => (/^#+/.exec(line)?.[0].length ?? Infinity) <= depth);
  return [lines[start], ...(end === -1 ? rest : rest.slice(0, end))].join("\n").trimEnd();
}
