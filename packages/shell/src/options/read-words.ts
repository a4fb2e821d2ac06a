/** An option of a tool. */
export interface ToolOption {
  readonly short?: string;
  /** Name of its value in a help; one without is a switch. */
  readonly value?: string;
  /** What it means where it stands without `=value`. */
  readonly implied?: string;
  readonly about: string;
}

/** What a tool was told, whoever read its words. */
export interface GivenOptions {
  flag(name: string): boolean;
  /** The last one wins, as with most tools. */
  text(name: string): string | undefined;
}

/** A tool was called in a way that it does not understand. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

/** Words behind a tool's name, read by its options; operands may stand anywhere, `--` ends options. @throws WrongUsage */
export function readWords(
  options: Readonly<Record<string, ToolOption>>,
  words: readonly string[],
): GivenOptions & { readonly operands: readonly string[] } {
  const operands: string[] = [];
  const values = new Map<string, string | undefined>();
  const rest = [...words];
  const set = (name: string, shown: string, own: string | undefined): void => {
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) {
      const known = Object.keys(options).map((each) => `--${each}`);
      throw new WrongUsage(`unknown option ${JSON.stringify(shown)} (options: ${known.join(", ")})`);
    }
    if (option.value === undefined && own !== undefined) throw new WrongUsage(`${shown} takes no value`);
    const value = option.value === undefined ? "" : (own ?? option.implied ?? rest.shift());
    if (value === undefined) throw new WrongUsage(`${shown}: ${option.value} is missing`);
    values.set(name, value);
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const long = /^--([^=]+)(?:=(.*))?$/s.exec(word);
    if (word === "--") operands.push(...rest.splice(0));
    else if (long !== null) set(long[1] as string, `--${long[1]}`, long[2]);
    else if (/^-[^-]/.test(word)) setShort(word.slice(1));
    else operands.push(word);
  }

  /** `-ab` is `-a -b`; `-o LIST` may be written `-oLIST`. */
  function setShort(letters: string): void {
    for (let i = 0; i < letters.length; i++) {
      const letter = letters[i] as string;
      const name = Object.keys(options).find((each) => options[each]?.short === letter) ?? letter;
      const takes = options[name]?.value !== undefined;
      const own = takes && i + 1 < letters.length ? letters.slice(i + 1).replace(/^=/, "") : undefined;
      set(name, `-${letter}`, own);
      if (takes) return;
    }
  }

  return { operands, flag: (name) => values.has(name), text: (name) => values.get(name) };
}
