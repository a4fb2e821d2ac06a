/** Words that a page must have and has not: as a whole word of its text. `reference/operations.html says nothing of dimm_add`. */
export function missingWords(
  pages: ReadonlyMap<string, string>,
  wanted: Readonly<Record<string, readonly string[]>>,
): string[] {
  return Object.entries(wanted).flatMap(([page, words]) => {
    const html = pages.get(page);
    if (html === undefined) return [`${page} is not there`];
    const text = html
      .replaceAll(/<[^>]+>/g, " ")
      .replaceAll("&quot;", '"')
      .replaceAll("&gt;", ">");
    return [...new Set(words)].filter((word) => !hasWord(text, word)).map((word) => `${page} says nothing of ${word}`);
  });
}

function hasWord(text: string, word: string): boolean {
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`).test(text);
}

/** Types of the events of a union, from its declaration. */
export function eventTypes(declaration: string): string[] {
  return [...new Set([...declaration.matchAll(/\btype: "(\w+)"/g)].map(([, type = ""]) => type))];
}
