import { parseArgs } from "node:util";

/** A `record` command: one document, one target. */
export interface RecordCommand {
  readonly command: "record";
  readonly file: string;
  readonly out: string | undefined;
  readonly about: string | undefined;
  readonly target: { readonly kind: "memhp" } | QemuChoice;
}

export interface QemuChoice {
  readonly kind: "qemu";
  readonly kernel: string;
  readonly agent: string;
  /** Files of modules; a module's name is its file's. */
  readonly modules: readonly string[];
  readonly qemu: string | undefined;
}

/** Compares two recordings. */
export interface CompareCommand {
  readonly command: "compare";
  readonly kernel: string;
  readonly memhp: string;
}

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const USAGE = `record FILE --target memhp [--out TRACE] [--about TEXT]
record FILE --target qemu --kernel VMLINUZ --agent AGENT [--module KO]... [--qemu PROGRAM] [--out TRACE] [--about TEXT]
compare KERNEL-TRACE MEMHP-TRACE`;

/** @throws UsageError */
export function parseCommandLine(words: readonly string[]): RecordCommand | CompareCommand {
  const { values, positionals } = parse(words);
  const [command, ...files] = positionals;
  if (command === "compare" && files.length === 2)
    return { command, kernel: files[0] as string, memhp: files[1] as string };
  if (command !== "record" || files.length !== 1) throw new UsageError(USAGE);
  const common = { command, file: files[0] as string, out: values.out, about: values.about } as const;
  if (values.target === "memhp") return { ...common, target: { kind: "memhp" } };
  if (values.target !== "qemu") throw new UsageError(`--target: qemu or memhp\n${USAGE}`);
  const { kernel, agent, module: modules = [], qemu } = values;
  if (kernel === undefined || agent === undefined)
    throw new UsageError(`--target qemu needs --kernel and --agent\n${USAGE}`);
  return { ...common, target: { kind: "qemu", kernel, agent, modules, qemu } };
}

function parse(words: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        target: text,
        kernel: text,
        agent: text,
        module: { type: "string", multiple: true },
        qemu: text,
        out: text,
        about: text,
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
}
