import { defaultKernel } from "@memhp/kernels";
import type { Machine } from "@memhp/machine";
import { readDocument, type RunDocument, SCENARIO_FORMAT } from "@memhp/scenario";
import type { Arguments } from "../arguments/arguments.ts";
import { commonOptions, type OptionSpec } from "../arguments/command-spec.ts";
import { executeOptions, executeThen } from "../execute.ts";
import { ExitCode } from "../exit-code.ts";
import { failureLines } from "../expectations.ts";
import type { Host } from "../host.ts";
import { progressLine, progressReader } from "../readers/progress.ts";
import { ignoredLines } from "../timeline/head.ts";
import { startImage } from "./capture-image.ts";
import { describedText } from "./described-image.ts";
import { readHostImage } from "./read-from.ts";
import { fileLabel, readDocumentFile, readDocumentText } from "./read-document.ts";

const { kernel, config, workers, seed } = commonOptions;

/** Options of every command that shows a machine. */
export const machineOptions: Readonly<Record<"kernel" | "config" | "workers" | "seed", OptionSpec>> = {
  kernel,
  config,
  workers,
  seed,
};

export const machineNote =
  "FILE (- for standard input) is run first, and what is shown is the machine that it leaves behind. It may also be what `memhp capture` recorded of a host, a QEMU command line, what `lsmem -J` printed, a kernel's log, a topology of hwloc or a tree of /sys. Without FILE: two nodes of 2G with a DIMM of 1G each.";

/** What is shown where nobody brings a machine. */
function defaultDocument(): RunDocument {
  return readDocument(
    {
      format: SCENARIO_FORMAT,
      name: "two nodes",
      kernel: defaultKernel.id,
      machine: { nodes: { count: 2, memory: "2G" }, dimms: { per_node: 1, size: "1G" } },
      steps: [],
    },
    "default machine",
  );
}

/** Brings up the machine that a command is about, lets `use` look at it, takes it down. @returns what `use` says, unless the run failed. */
export function onMachine(
  args: Arguments,
  host: Host,
  use: (machine: Machine) => ExitCode | Promise<ExitCode>,
): Promise<ExitCode> {
  return onMachineOf(args.operands[0], args, host, use);
}

/** The same, where the file is not the first operand. */
export async function onMachineOf(
  file: string | undefined,
  args: Arguments,
  host: Host,
  use: (machine: Machine) => ExitCode | Promise<ExitCode>,
): Promise<ExitCode> {
  const options = executeOptions(args);
  // Standard input comes once.
  const input = file === "-" ? await host.readInput(file) : undefined;
  const described =
    input !== undefined
      ? await describedText(input, fileLabel("-"), options)
      : file === undefined
        ? undefined
        : await readHostImage(file, options, host);
  if (described !== undefined) {
    host.stderr.write(described.head.map((line) => `${line}\n`).join(""));
    const machine = await startImage(described.image, options, host);
    host.stderr.write(ignoredLines(machine.ignored));
    try {
      return await use(machine);
    } finally {
      await machine.close();
    }
  }
  const document =
    file === undefined
      ? defaultDocument()
      : input === undefined
        ? await readDocumentFile(file, host)
        : await readDocumentText(input, file, host);
  const label = file === undefined ? document.name : fileLabel(file);
  const readers = [progressReader(progressLine(host.stderr), label)];
  return executeThen({ document, file: label, options, readers }, host, async (machine, { failures }) => {
    host.stderr.write(ignoredLines(machine.ignored));
    const exitCode = await use(machine);
    host.stderr.write(failureLines(failures, label));
    return failures.length === 0 ? exitCode : ExitCode.failed;
  });
}

/** The same for a command that only prints. */
export function showMachine(args: Arguments, host: Host, show: (machine: Machine) => string): Promise<ExitCode> {
  return onMachine(args, host, (machine) => {
    host.stdout.write(show(machine));
    return ExitCode.done;
  });
}
