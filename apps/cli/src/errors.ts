/** The command line is wrong: an unknown flag, a missing file name, a value out of range. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A file cannot be read, or is no scenario and no kernel trace. The message begins with the file. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** What was to be written could not be: a full disk, a device that fails. The message begins with where. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}

/** The run of a sensible file failed. The message begins with the file. */
export class RunFailed extends Error {
  override readonly name = "RunFailed";
}
