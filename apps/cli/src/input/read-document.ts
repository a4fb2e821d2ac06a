import { kernels } from "@memhp/kernels";
import { DocumentError, parseDocument, type RunDocument } from "@memhp/scenario";
import { InputError, retold } from "../errors.ts";
import type { Host } from "../host.ts";

/** What every QEMU command line has in it. */
const mayBeLine = /qemu-|kvm/;

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
  return readDocumentText(await host.readInput(file), file, host, startsFromImage);
}

/** The same for its text. @throws InputError */
export async function readDocumentText(
  text: string,
  file: string,
  host: Host,
  startsFromImage = false,
): Promise<RunDocument> {
  const read = async (): Promise<RunDocument> => {
    // What reads command lines is loaded where there may be one.
    const described = mayBeLine.test(text)
      ? (await import("./qemu-document.ts")).qemuDocument(text, fileLabel(file), host)
      : undefined;
    return described ?? parseDocument(text, fileLabel(file), kernels, startsFromImage);
  };
  return retold(read, DocumentError, InputError);
}
