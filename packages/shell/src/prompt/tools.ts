import { chmem as change, type ChmemFiles } from "../chmem/chmem.ts";
import { chmemFlags, chmemOptions } from "../chmem/options.ts";
import { ChmemError } from "../chmem/parameter.ts";
import { lsmem as printLsmem } from "../lsmem/lsmem.ts";
import { NoMemoryBlocks } from "../lsmem/memory-ranges.ts";
import { lsmemFlags, lsmemOptions } from "../lsmem/options.ts";
import { readWords, WrongUsage } from "../options/read-words.ts";
import { blockRows, blocksTable } from "../tables/blocks.ts";
import type { PromptCommand, Session } from "./session.ts";

/** Says what is wrong with a command's words, and goes on. */
async function saying(session: Session, name: string, run: () => Promise<number> | number): Promise<number> {
  try {
    return await run();
  } catch (error) {
    const isExpected = error instanceof WrongUsage || error instanceof ChmemError || error instanceof NoMemoryBlocks;
    if (!isExpected) throw error;
    session.warn(`${name}: ${error.message}\n`);
    return 1;
  }
}

export const lsmem: PromptCommand = (session, words) =>
  saying(session, "lsmem", () => {
    const { operands, ...given } = readWords(lsmemFlags, words);
    if (operands[0] !== undefined) throw new WrongUsage(`unexpected ${JSON.stringify(operands[0])}`);
    session.print(printLsmem(session.machine.files, lsmemOptions(given)));
    return 0;
  });

export const chmem: PromptCommand = (session, words) =>
  saying(session, "chmem", async () => {
    const { operands, ...given } = readWords(chmemFlags, words);
    if (operands[0] === undefined) throw new WrongUsage("SIZE|RANGE|BLOCKS is missing");
    const { stdout, stderr, exitCode } = await change(filesOf(session), operands[0], chmemOptions(given));
    for (const line of stderr) session.warn(`chmem: ${line}\n`);
    session.print(stdout);
    return exitCode;
  });

/** The prompt's files as chmem writes them. */
function filesOf({ machine, files, call }: Session): ChmemFiles {
  return {
    list: (path) => machine.files.list(path),
    read: (path) => machine.files.read(path),
    writeState: async (path, word) => files.write(path, word, call),
  };
}

export const blocks: PromptCommand = (session, words) => {
  session.print(blocksTable(blockRows(session.machine), words.includes("-a")));
  return 0;
};
