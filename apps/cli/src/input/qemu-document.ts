import { ParseError } from "@memhp/abi";
import { isQemuLine, parseQemuLine } from "@memhp/capture";
import { defaultKernel } from "@memhp/kernels";
import { readDocument, type RunDocument, SCENARIO_FORMAT } from "@memhp/scenario";
import { InputError, retold } from "../errors.ts";
import type { Host } from "../host.ts";

/**
 * A machine from a QEMU command line, without steps; undefined for any other text. Words that say nothing of memory are named on
 * stderr. @throws InputError for words that concern memory and are not simulated.
 */
export function qemuDocument(text: string, label: string, host: Host): RunDocument | undefined {
  if (!isQemuLine(text)) return undefined;
  const { machine, ignored } = retold(() => parseQemuLine(text), ParseError, InputError, `${label}: `);
  if (ignored.length > 0) host.stderr.write(`${label}: left out, as it says nothing of memory: ${ignored.join(" ")}\n`);
  return readDocument({ format: SCENARIO_FORMAT, name: label, kernel: defaultKernel.id, machine, steps: [] }, label);
}
