/** One file, folder or link of a capture that is being written. Paths begin with sys/ or proc/, or are files of the capture itself. */
export interface OutputEntry {
  readonly path: string;
  /** Permission bits on the host. */
  readonly mode: number;
  readonly text?: string;
  readonly target?: string;
}
