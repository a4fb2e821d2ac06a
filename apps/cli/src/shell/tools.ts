import { parseCommandLine } from "../arguments/arguments.ts";
import { chmem as change } from "../chmem/chmem.ts";
import { chmemFiles } from "../chmem/machine-files.ts";
import { ChmemError } from "../chmem/parameter.ts";
import { chmem as chmemCommand, chmemOptions } from "../commands/chmem.ts";
import { lsmem as lsmemCommand, lsmemOptions } from "../commands/lsmem.ts";
import { UsageError } from "../errors.ts";
import { lsmem as printLsmem } from "../lsmem/lsmem.ts";
import { NoMemoryBlocks } from "../lsmem/memory-ranges.ts";
import { blockRows, blocksTable } from "../tables/blocks.ts";
import type { PromptCommand, Session } from "./session.ts";

/** Says what is wrong with a command's words, and goes on. */
async function saying(session: Session, name: string, run: () => Promise<number> | number): Promise<number> {
  try {
    return await run();
  } catch (error) {
    const isExpected = error instanceof UsageError || error instanceof ChmemError || error instanceof NoMemoryBlocks;
    if (!isExpected) throw error;
    session.warn(`${name}: ${error.message}\n`);
    return 1;
  }
}

export const lsmem: PromptCommand = (session, words) =>
  saying(session, "lsmem", () => {
    session.print(printLsmem(session.machine.files, lsmemOptions(parseCommandLine(lsmemCommand.spec, words))));
    return 0;
  });

export const chmem: PromptCommand = (session, words) =>
  saying(session, "chmem", async () => {
    const args = parseCommandLine(chmemCommand.spec, words);
    const { stdout, stderr, exitCode } = await change(
      chmemFiles(session.machine),
      args.operands[0] ?? "",
      chmemOptions(args),
    );
    for (const line of stderr) session.warn(`chmem: ${line}\n`);
    session.print(stdout);
    return exitCode;
  });

export const blocks: PromptCommand = (session, words) => {
  session.print(blocksTable(blockRows(session.machine), words.includes("-a")));
  return 0;
};
