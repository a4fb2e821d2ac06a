/** Whether a value is one of the patterns, which `|` separates: `*`, `?`, `[a-z]`, `[!a-z]`, as fnmatch(3) has them. */
export function matchesGlob(pattern: string, value: string): boolean {
  return pattern.split("|").some((each) => toRegExp(each).test(value));
}

function toRegExp(glob: string): RegExp {
  const source = glob.replaceAll(/\[(!?)([^\]]+)\]|[*?]|[.+^${}()|\\[\]]/g, (text, not?: string, set?: string) => {
    if (set !== undefined) return `[${not === "!" ? "^" : ""}${set.replaceAll("\\", "\\\\")}]`;
    if (text === "*") return "[^]*";
    return text === "?" ? "[^]" : `\\${text}`;
  });
  return new RegExp(`^${source}$`);
}
