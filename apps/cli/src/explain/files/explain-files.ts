import { formatNumberList } from "@memhp/abi";
import type { ReadTree } from "@memhp/sysfs";
import { InputError } from "../../errors.ts";
import { readMemoryDirectory } from "../../input/memory-directory.ts";
import { explanationOf, type Explanation } from "../explanation.ts";
import { blockAnswer } from "./block-answer.ts";
import { blocksOf, fileText, MEMORY } from "./file-text.ts";
import { kernelOfFiles } from "./kernel-of-files.ts";
import { pageSizeOf } from "./page-size.ts";

/** What no file of a block says, and an offline may fail for. */
const CANNOT_TELL = [
  "whether pages find room elsewhere",
  "whether somebody has pinned some of them",
  "whether a part of a block is a hole without RAM",
  "whether a part of the kernel would veto (MEM_GOING_OFFLINE)",
];

/**
 * Explains the blocks of a tree on the disk.
 * @param named whose rules count; else that is read out of the files
 * @param only one block, or all
 * @throws InputError
 */
export async function explainFiles(
  directory: string,
  named: string | undefined,
  only: number | undefined,
): Promise<Explanation> {
  const tree = await readMemoryDirectory(directory);
  const blocks = blocksOf(tree);
  if (only !== undefined && !blocks.includes(only))
    throw new InputError(`${directory}: block ${only} does not exist (blocks: ${formatNumberList(blocks)})`);
  const { kernel, warnings } = kernelOfFiles(tree, named);
  return explanationOf(
    (only === undefined ? blocks : [only]).map((block) => blockAnswer(tree, block, kernel.zones)),
    {
      kernel: kernel.id,
      source: "files",
      block_size: blockSizeOf(tree),
      page_size: pageSizeOf(tree),
      cannot_tell: CANNOT_TELL,
      warnings,
    },
  );
}

function blockSizeOf(tree: ReadTree): number | null {
  const text = fileText(tree, `${MEMORY}/block_size_bytes`) ?? "";
  return /^[0-9a-f]{1,12}$/i.test(text) ? Number.parseInt(text, 16) : null;
}
