import { type CommandSpec, helpOption, type OptionSpec } from "./command-spec.ts";
import { usageLine } from "./help.ts";

/** The manual page memhp(1), out of the specifications that the parser and the help read. */
export function manPage(specs: readonly CommandSpec[], version: string): string {
  return [
    `.TH MEMHP 1 "" "memhp ${roff(version)}" "User Commands"`,
    ".SH NAME",
    "memhp \\- a laboratory for Linux memory hotplug",
    ".SH SYNOPSIS",
    ".B memhp",
    ".I COMMAND",
    "[options]",
    ".SH DESCRIPTION",
    "Runs machines with memory hotplug, simulated after recorded kernels, and says why a block refuses.",
    "Data goes to standard output; progress, warnings and errors to standard error.",
    ".SH COMMANDS",
    ...specs.flatMap(section),
    ".SH EXIT STATUS",
    ...exitCodes.flatMap(([code, about]) => [".TP", `.B ${code}`, about]),
    ".SH ENVIRONMENT",
    ".TP",
    ".B NO_COLOR",
    "Set to anything, it keeps colour away.",
    "",
  ].join("\n");
}

const exitCodes = [
  ["0", "done"],
  ["1", "the run, an expectation or a comparison failed"],
  ["2", "wrong usage, or a file that makes no sense"],
  ["64", "partly done"],
  ["130", "interrupted"],
] as const;

function section(spec: CommandSpec): string[] {
  return [
    `.SS ${roff(usageLine(spec))}`,
    roff(spec.about),
    ...Object.entries({ ...spec.options, help: helpOption }).flatMap(([name, option]) => [
      ".TP",
      `.B ${roff(label(name, option))}`,
      roff(option.about),
    ]),
    ...(spec.notes ?? []).flatMap((note) => [".PP", roff(note)]),
  ];
}

function label(name: string, { short, value, implied }: OptionSpec): string {
  const dash = short === undefined ? `--${name}` : `-${short}, --${name}`;
  if (value === undefined) return dash;
  return implied === undefined ? `${dash} ${value}` : `${dash}[=${value}]`;
}

/** A text that the formatter takes as it is: no line begins like a request, dashes stay dashes. */
function roff(text: string): string {
  const plain = text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll(/\s*\n\s*/g, " ");
  return /^[.']/.test(plain) ? `\\&${plain}` : plain;
}
