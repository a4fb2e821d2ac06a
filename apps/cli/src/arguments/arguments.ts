import { parseArgs } from "node:util";
import { kernels } from "@memhp/kernels";
import { UsageError } from "../errors.ts";
import { type CommandSpec, helpOption, type OptionSpec } from "./command-spec.ts";

/** What a command line said, checked against the command's spec. */
export class Arguments {
  readonly operands: readonly string[];
  readonly #values: Readonly<Record<string, readonly (string | boolean)[]>>;

  constructor(operands: readonly string[], values: Readonly<Record<string, readonly (string | boolean)[]>>) {
    this.operands = operands;
    this.#values = values;
  }

  flag(name: string): boolean {
    return (this.#values[name] ?? []).length > 0;
  }

  texts(name: string): readonly string[] {
    return (this.#values[name] ?? []).filter((value) => typeof value === "string");
  }

  /** The last one wins, as with most tools. */
  text(name: string): string | undefined {
    return this.texts(name).at(-1);
  }

  /** @throws UsageError for anything but a whole number of 0..max. */
  count(name: string, max: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number <= max))
      throw new UsageError(`--${name}: expected a whole number of 0..${max}, found ${JSON.stringify(value)}`);
    return number;
  }

  /** @throws UsageError for a kernel that memhp does not know. */
  kernels(name = "kernel"): readonly string[] {
    const ids = kernels.map(({ id }) => id);
    for (const value of this.texts(name)) {
      if (!ids.includes(value)) {
        throw new UsageError(`--${name}: ${JSON.stringify(value)} is not known (allowed: ${ids.join(", ")})`);
      }
    }
    return this.texts(name);
  }
}

/** Shells write options anywhere, so does memhp; `--` ends them and `-` is an operand. @throws UsageError */
export function parseCommandLine(spec: CommandSpec, args: readonly string[]): Arguments {
  const options: Readonly<Record<string, OptionSpec>> = { ...spec.options, help: helpOption };
  const parsed = parse(options, args);
  const values: Record<string, (string | boolean)[]> = {};
  for (const [name, value] of Object.entries(parsed.values)) {
    if (Array.isArray(value)) values[name] = value;
  }
  if (values["help"] === undefined) checkOperands(spec, parsed.positionals);
  return new Arguments(parsed.positionals, values);
}

function parse(options: Readonly<Record<string, OptionSpec>>, args: readonly string[]): ReturnType<typeof parseArgs> {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { short, value }]) => [
      name,
      {
        type: value === undefined ? "boolean" : "string",
        multiple: true,
        ...(short === undefined ? {} : { short }),
      } as const,
    ]),
  );
  try {
    return parseArgs({
      args: withNegatives(options, withImplied(options, args)),
      options: config,
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError(usageMessage(error as NodeJS.ErrnoException, options));
  }
}

/** Node's own messages go on about how to write positionals; what is wrong, and what is allowed, is enough. */
function usageMessage({ code, message }: NodeJS.ErrnoException, options: Readonly<Record<string, OptionSpec>>): string {
  const named = /'(?:-\w, )?(-[^ '=]+)/.exec(message)?.[1] ?? "";
  const names = Object.keys(options).map((name) => `--${name}`);
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION")
    return `unknown option ${JSON.stringify(named)} (options: ${names.join(", ")})`;
  if (!message.includes("does not take")) {
    const value = options[named.replace(/^--/, "")]?.value ?? "value";
    return `${named}: ${value} is missing`;
  }
  return `${named} takes no value`;
}

/** `--workers -1` is a value that makes no sense, not an option: its command says what is allowed. */
function withNegatives(options: Readonly<Record<string, OptionSpec>>, args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1);
    const takesValue = before?.startsWith("--") === true && options[before.slice(2)]?.value !== undefined;
    if (takesValue && !joined.includes("--") && /^-\d/.test(arg)) joined[joined.length - 1] = `${before}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

/** `--summary` alone becomes `--summary=only`. */
function withImplied(options: Readonly<Record<string, OptionSpec>>, args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return args.map((arg, i) => {
    const implied = arg.startsWith("--") && (end === -1 || i < end) ? options[arg.slice(2)]?.implied : undefined;
    return implied === undefined ? arg : `${arg}=${implied}`;
  });
}

function checkOperands({ operands }: CommandSpec, given: readonly string[]): void {
  const { name, min, max } = operands ?? { name: "operand", min: 0, max: 0 };
  if (given.length < min) throw new UsageError(`${name} is missing`);
  if (given.length > max)
    throw new UsageError(`unexpected ${JSON.stringify(given[max])}${max === 0 ? "" : ` after ${name}`}`);
}
