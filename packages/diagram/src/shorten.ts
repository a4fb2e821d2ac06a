/**
 * The first sentence; where that is too long, its clauses that fit, or whole words and an ellipsis.
 */
export function shorten(text: string, length: number): string {
  const sentence = /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
  const first = /[^.]\.$/.test(sentence) ? sentence.slice(0, -1) : sentence;
  if (first.length <= length) return first;
  const cut = first.slice(0, length);
  const clause = Math.max(cut.lastIndexOf("; "), cut.lastIndexOf(": "));
  if (clause > length / 3) return cut.slice(0, clause);
  const space = cut.slice(0, -1).lastIndexOf(" ");
  return `${cut.slice(0, space > length / 2 ? space : length - 1).replace(/[\s,;:–-]+$/, "")}…`;
}
