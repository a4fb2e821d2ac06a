import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSweep, type Sweep } from "@memhp/sweep";
import { textTable } from "@memhp/shell";

export interface Study {
  /** File name without its ending. */
  readonly name: string;
  readonly sweep: Sweep;
}

/** The studies that come with memhp. */
export async function studies(): Promise<Study[]> {
  const folder = join(dirname(fileURLToPath(import.meta.resolve("@memhp/sweep/package.json"))), "studies");
  const files = (await readdir(folder)).filter((file) => extname(file) === ".yaml").sort();
  return Promise.all(
    files.map(async (file) => ({
      name: basename(file, ".yaml"),
      sweep: parseSweep(await readFile(join(folder, file), "utf8"), file),
    })),
  );
}

export function studyTable(all: readonly Study[]): string {
  return textTable<Study>(
    [
      { name: "STUDY", align: "left", cell: ({ name }) => name },
      { name: "RUNS", align: "right", cell: ({ sweep }) => String(sweep.runs) },
      { name: "QUESTION", align: "left", cell: ({ sweep }) => sweep.document.question ?? sweep.name },
    ],
    all,
  );
}
