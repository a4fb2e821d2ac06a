import { KERNEL_TRACE_FORMAT, type RunDocument } from "@memhp/scenario";
import { commonOptions } from "../arguments/command-spec.ts";
import type { Command } from "../command.ts";
import { InputError } from "../errors.ts";
import { executeOptions } from "../execute.ts";
import { ExitCode } from "../exit-code.ts";
import { wantsColour } from "../host.ts";
import { fileLabel, readDocumentFile } from "../input/read-document.ts";
import { progressLine, progressReader } from "../readers/progress.ts";
import { type FileReport, type ReplayReport, replayReport, replayTrace } from "../replay.ts";
import { ignoredLines } from "../timeline/head.ts";
import { type Palette, palette } from "../timeline/palette.ts";

const { json, workers } = commonOptions;

export const replay: Command = {
  spec: {
    name: "replay",
    about: "Runs kernel traces and compares every step with what the kernel did.",
    operands: { name: "FILE", min: 1, max: Number.POSITIVE_INFINITY },
    options: { json, workers },
    notes: ["Exit codes: 0 every step as the real kernel, 1 some differ, 2 wrong usage or no kernel trace."],
  },
  async run(args, host) {
    const options = executeOptions(args);
    // All files are read before the first one runs: a mistake shows at once.
    const documents: { readonly file: string; readonly document: RunDocument }[] = [];
    for (const file of args.operands) {
      const document = await readDocumentFile(file, host);
      if (document.format !== KERNEL_TRACE_FORMAT) {
        throw new InputError(
          `${fileLabel(file)}: is no kernel trace: a scenario has no kernel's answers to compare with`,
        );
      }
      documents.push({ file: fileLabel(file), document });
    }
    const progress = progressLine(host.stderr);
    const files: FileReport[] = [];
    for (const [i, { file, document }] of documents.entries()) {
      const label = `${i + 1} of ${documents.length}: ${document.name}`;
      files.push(await replayTrace(document, file, options, host, [progressReader(progress, label)]));
    }
    for (const { file, ignored = [] } of files) host.stderr.write(ignoredLines(ignored, `${file}: `));
    const report = replayReport(files);
    const paint = palette(wantsColour(host.stdout, host.env));
    host.stdout.write(args.flag("json") ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(report, paint));
    return report.matched === report.total ? ExitCode.done : ExitCode.failed;
  },
};

const MAX_DIFFERENCES = 10;

/** A line for each file, its differences below it, the sum at the end. */
export function reportText({ total, matched, files }: ReplayReport, paint: Palette): string {
  const lines = files.flatMap((file) => [fileLine(file, paint), ...differenceLines(file)]);
  return `${[...lines, `${matched} of ${total} steps as the real kernel`].join("\n")}\n`;
}

function fileLine({ file, kernel, total, matched }: FileReport, paint: Palette): string {
  const count = `${matched} of ${total}`.padStart(10);
  const mark = matched === total ? paint("good", "✓") : paint("bad", "≠");
  return `${mark} ${count}  ${kernel.padEnd(8)}  ${file}`;
}

function differenceLines({ differences }: FileReport): string[] {
  const shown = differences
    .slice(0, MAX_DIFFERENCES)
    .map(
      ({ step, what, kernel, memhp }) => `    step ${step}: ${what}: kernel ${brief(kernel)}, memhp ${brief(memhp)}`,
    );
  const more = differences.length - shown.length;
  return more > 0 ? [...shown, `    and ${more} more (--json has all)`] : shown;
}

const MAX_VALUE = 120;

/** A value in one line, cut where it is long. */
export function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
