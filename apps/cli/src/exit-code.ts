/** What the process ends with; nothing else sets an exit code. */
export const ExitCode = {
  done: 0,
  /** A run, an expectation or a comparison failed. */
  failed: 1,
  /** Wrong usage, or a file that makes no sense. */
  usage: 2,
  partlyDone: 64,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
