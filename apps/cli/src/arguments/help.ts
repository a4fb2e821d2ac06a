import { wrap } from "../text/wrap.ts";
import { type CommandSpec, helpOption, type OptionSpec } from "./command-spec.ts";

const HELP_WIDTH = 96;

/** `memhp run FILE [options]` */
export function usageLine({ name, operands }: CommandSpec): string {
  const parts = [`memhp ${name}`];
  if (operands !== undefined) {
    const text = operands.max > 1 && !operands.name.includes(" ") ? `${operands.name}…` : operands.name;
    parts.push(operands.min === 0 ? `[${text}]` : text);
  }
  return `${parts.join(" ")} [options]`;
}

/** The text of `memhp COMMAND --help`. */
export function commandHelp(spec: CommandSpec): string {
  const options = { ...spec.options, help: helpOption };
  const rows = Object.entries(options).map(([name, option]) => [optionLabel(name, option), option.about] as const);
  const notes = (spec.notes ?? []).map((note) => `\n${wrap(note, HELP_WIDTH, 0).join("\n")}\n`).join("");
  return `${wrap(spec.about, HELP_WIDTH, 0).join("\n")}\n\nUsage: ${usageLine(spec)}\n\n${columns(rows)}${notes}`;
}

function optionLabel(name: string, { short, value, implied }: OptionSpec): string {
  const dash = short === undefined ? "    " : `-${short}, `;
  if (value === undefined) return `${dash}--${name}`;
  return implied === undefined ? `${dash}--${name} ${value}` : `${dash}--${name}[=${value}]`;
}

/** Two columns, the second aligned and wrapped. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  const left = width + 4;
  return rows
    .flatMap(([label, about]) =>
      wrap(about, HELP_WIDTH - left, 0).map(
        (line, i) => `${i === 0 ? `  ${label.padEnd(width)}  ` : " ".repeat(left)}${line}\n`,
      ),
    )
    .join("");
}
