import type { Checked, PlainScenario } from "@memhp/sweep/fuzz";
import { DocumentError, KERNEL_TRACE_FORMAT, parseDocument, readText, TextError } from "@memhp/scenario";
import { InputError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { fileLabel } from "../input/read-document.ts";
import { FUZZ_FORMAT } from "./fuzz-report.ts";

/** Checks scenario files against every law. @throws InputError */
export async function checkFiles(files: readonly string[], isJson: boolean, host: Host): Promise<ExitCode> {
  const { checkScenario } = await import("@memhp/sweep/fuzz");
  const scenarios: { readonly file: string; readonly scenario: PlainScenario }[] = [];
  for (const file of files) scenarios.push({ file: fileLabel(file), scenario: await readScenario(file, host) });
  const checked: (Checked & { readonly file: string })[] = [];
  for (const { file, scenario } of scenarios) {
    const result = await checkScenario(scenario, { isThorough: true });
    checked.push({ file, ...result });
    if (!isJson) host.stdout.write(lineOf(file, result));
  }
  if (isJson) host.stdout.write(`${JSON.stringify({ format: FUZZ_FORMAT, files: checked }, undefined, 2)}\n`);
  return checked.some(({ broken }) => broken !== undefined) ? ExitCode.failed : ExitCode.done;
}

/** @throws InputError */
async function readScenario(file: string, host: Host): Promise<PlainScenario> {
  const text = await host.readInput(file);
  const label = fileLabel(file);
  try {
    if (parseDocument(text, label).format === KERNEL_TRACE_FORMAT)
      throw new InputError(`${label}: is a kernel trace, which memhp replay compares`);
    const plain = readText(text) as PlainScenario;
    return { ...plain, name: plain.name ?? label, seed: plain.seed ?? 0 };
  } catch (error) {
    if (error instanceof DocumentError || error instanceof TextError)
      throw new InputError(error.message, { cause: error });
    throw error;
  }
}

function lineOf(file: string, { broken, operations, refused }: Checked): string {
  if (broken !== undefined) return `${file}: ${broken.law} does not hold after step ${broken.step}: ${broken.what}\n`;
  const steps = Object.values(operations).reduce((sum, times) => sum + times, 0);
  return `${file}: every law held over ${steps} steps${refused === 0 ? "" : `, ${refused} of the file's were refused`}\n`;
}
