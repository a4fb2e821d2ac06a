import { DocumentError, parseDocument, type RunDocument } from "@memhp/scenario";
import { InputError } from "../errors.ts";
import type { Host } from "../host.ts";

/** What messages call a file. */
export function fileLabel(file: string): string {
  return file === "-" ? "(standard input)" : file;
}

/** Reads a scenario or kernel trace. @throws InputError */
export async function readDocumentFile(file: string, host: Host): Promise<RunDocument> {
  const text = await host.readInput(file);
  try {
    return parseDocument(text, fileLabel(file));
  } catch (error) {
    if (error instanceof DocumentError) throw new InputError(error.message, { cause: error });
    throw error;
  }
}
