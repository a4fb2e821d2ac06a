import { WrongUsage } from "@memhp/shell";
import { UsageError } from "../errors.ts";

/** What a tool of `@memhp/shell` was asked. @throws UsageError */
export function asked<Options>(read: () => Options): Options {
  try {
    return read();
  } catch (error) {
    if (error instanceof WrongUsage) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
