/** One line of modes.tsv: what could not be written down beside the contents of a file. */
interface ToldMode {
  /** Permission bits. */
  readonly mode: number;
  /** Of the read: 0 where it was read, -1 where none was tried. */
  readonly errno: number;
}

/** Reads modes.tsv: path, mode in octal, errno of the read, separated by tabs. Lines of another shape are left out. */
export function* modesOf(text: string): IterableIterator<readonly [path: string, told: ToldMode]> {
  for (const line of text.split("\n")) {
    const match = /^(\/[^\t]*)\t([0-7]{1,4})\t(-?\d{1,4})$/.exec(line);
    if (match === null) continue;
    const [, path, mode, errno] = match as unknown as [string, string, string, string];
    yield [path, { mode: Number.parseInt(mode, 8), errno: Number(errno) }];
  }
}
