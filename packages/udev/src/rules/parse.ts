/** One key of a rule: `ATTR{state}=="offline"`. */
export interface RuleToken {
  readonly key: string;
  /** What stands in braces. */
  readonly attribute?: string;
  readonly operator: Operator;
  readonly value: string;
}

/** How a rule's token compares or assigns. */
export type Operator = "==" | "!=" | "=" | "+=" | "-=" | ":=";

/** One line of a rule file, continued lines joined. */
export interface Rule {
  readonly line: number;
  readonly tokens: readonly RuleToken[];
}

/** A file of rules, read. */
export interface RuleFile {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** A rule file makes no sense; the message begins with file and line. */
export class RulesError extends Error {
  override readonly name = "RulesError";
}

type Use = "match" | "assign";

/** Keys that are carried out, what they may do, and whether they want braces (udev(7)). */
const keys: Readonly<Record<string, { readonly uses: readonly Use[]; readonly braces: "must" | "may" | "never" }>> = {
  ACTION: { uses: ["match"], braces: "never" },
  DEVPATH: { uses: ["match"], braces: "never" },
  KERNEL: { uses: ["match"], braces: "never" },
  KERNELS: { uses: ["match"], braces: "never" },
  SUBSYSTEM: { uses: ["match"], braces: "never" },
  SUBSYSTEMS: { uses: ["match"], braces: "never" },
  ATTR: { uses: ["match", "assign"], braces: "must" },
  ATTRS: { uses: ["match"], braces: "must" },
  ENV: { uses: ["match", "assign"], braces: "must" },
  CONST: { uses: ["match"], braces: "must" },
  TEST: { uses: ["match"], braces: "may" },
  PROGRAM: { uses: ["match", "assign"], braces: "never" },
  RESULT: { uses: ["match"], braces: "never" },
  IMPORT: { uses: ["match", "assign"], braces: "must" },
  RUN: { uses: ["assign"], braces: "may" },
  LABEL: { uses: ["assign"], braces: "never" },
  GOTO: { uses: ["assign"], braces: "never" },
};

/** Keys that say nothing of memory: udev takes them, and so does this, which tells that they do nothing. */
const withoutEffect: ReadonlySet<string> = new Set(["GROUP", "MODE", "NAME", "OPTIONS", "OWNER", "SYMLINK", "TAG"]);

/** True for a key that is read and does nothing here. */
export function isWithoutEffect(key: string): boolean {
  return withoutEffect.has(key);
}

/** Reads a rule file. @param name begins the messages. @throws RulesError */
export function parseRules(text: string, name: string): RuleFile {
  const rules: Rule[] = [];
  for (const { line, content } of logicalLines(text)) {
    const tokens = parseTokens(content, `${name}:${line}`);
    if (tokens.length > 0) rules.push({ line, tokens });
  }
  for (const [i, { line, tokens }] of rules.entries()) {
    const target = tokens.find(({ key }) => key === "GOTO")?.value;
    if (target !== undefined && labelBelow(rules, i, target) === -1)
      throw new RulesError(`${name}:${line}: GOTO="${target}": no such label below`);
  }
  return { name, rules };
}

/** Index of the first rule below another that has a label: udev goes forward only. -1 where there is none. */
export function labelBelow(rules: readonly Rule[], index: number, label: string): number {
  return rules.findIndex(
    ({ tokens }, at) => at > index && tokens.some(({ key, value }) => key === "LABEL" && value === label),
  );
}

function* logicalLines(text: string): IterableIterator<{ readonly line: number; readonly content: string }> {
  let content = "";
  let first = 0;
  for (const [i, raw] of text.split("\n").entries()) {
    if (content === "") first = i + 1;
    if (content === "" && /^\s*(#|$)/.test(raw)) continue;
    if (raw.endsWith("\\")) {
      content += raw.slice(0, -1);
      continue;
    }
    yield { line: first, content: content + raw };
    content = "";
  }
  if (content !== "") yield { line: first, content };
}

const TOKEN = /[\s,]*([A-Z_]+)(?:\{([^}]*)\})?\s*(==|!=|\+=|-=|:=|=)\s*"((?:[^"\\]|\\.)*)"/y;

function parseTokens(content: string, place: string): RuleToken[] {
  const tokens: RuleToken[] = [];
  let at = 0;
  while (/[^\s,]/.test(content.slice(at))) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(content);
    if (match === null) throw new RulesError(`${place}: expected KEY=="value", found ${content.slice(at).trim()}`);
    const [, key = "", attribute, operator, raw = ""] = match;
    const value = raw.replaceAll('\\"', '"');
    const token = { key, operator: operator as Operator, value, ...(attribute === undefined ? {} : { attribute }) };
    checkToken(token, place);
    tokens.push(token);
    at = TOKEN.lastIndex;
  }
  return tokens;
}

function checkToken({ key, attribute, operator }: RuleToken, place: string): void {
  if (withoutEffect.has(key)) return;
  const known = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (known === undefined)
    throw new RulesError(`${place}: key ${key} is not known (allowed: ${Object.keys(keys).join(", ")})`);
  if (known.braces === "must" && (attribute ?? "") === "") throw new RulesError(`${place}: ${key} wants {a name}`);
  if (known.braces === "never" && attribute !== undefined) throw new RulesError(`${place}: ${key} takes no {name}`);
  const use: Use = operator === "==" || operator === "!=" ? "match" : "assign";
  if (!known.uses.includes(use)) throw new RulesError(`${place}: ${key}${operator} makes no sense`);
  const sources = ["cmdline", "program"];
  if (key === "IMPORT" && !sources.includes(attribute ?? ""))
    throw new RulesError(`${place}: IMPORT{${attribute}} is not carried out (allowed: ${sources.join(", ")})`);
}
