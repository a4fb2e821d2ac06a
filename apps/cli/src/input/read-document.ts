import { kernels } from "@memhp/kernels";
import { DocumentError, parseDocument, type RunDocument } from "@memhp/scenario";
import { InputError } from "../errors.ts";
import type { Host } from "../host.ts";
import { qemuDocument } from "./qemu-document.ts";

/** What messages call a file. */
export function fileLabel(file: string): string {
  return file === "-" ? "(standard input)" : file;
}

/**
 * Reads a scenario, a kernel trace, or a QEMU command line, which is a machine without steps.
 * @param startsFromImage a scenario needs no kernel and no machine then.
 * @throws InputError
 */
export async function readDocumentFile(file: string, host: Host, startsFromImage = false): Promise<RunDocument> {
  const text = await host.readInput(file);
  try {
    return qemuDocument(text, fileLabel(file), host) ?? parseDocument(text, fileLabel(file), kernels, startsFromImage);
  } catch (error) {
    if (error instanceof DocumentError) throw new InputError(error.message, { cause: error });
    throw error;
  }
}
