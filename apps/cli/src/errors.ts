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

type ErrorKind = abstract new (...given: never[]) => Error;

/**
 * What `work` throws of some kinds becomes an error of this command line, with `before` its message; all else comes through.
 * @param work may be asynchronous
 */
export function retold<T>(
  work: () => T,
  kinds: ErrorKind | readonly ErrorKind[],
  As: new (message: string, options: ErrorOptions) => Error,
  before = "",
): T {
  const rethrow = (error: unknown): never => {
    const isOfKind = [kinds].flat().some((kind) => error instanceof kind);
    throw isOfKind ? new As(`${before}${(error as Error).message}`, { cause: error }) : error;
  };
  try {
    const done = work();
    return done instanceof Promise ? (done.catch(rethrow) as T) : done;
  } catch (error) {
    return rethrow(error);
  }
}
