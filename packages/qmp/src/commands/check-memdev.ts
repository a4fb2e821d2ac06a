import { CommandError } from "../command-error.ts";
import type { QomKind } from "../qom.ts";

/** What a device's `memdev` names has to be a backend. @throws CommandError */
export function checkMemdev(memdev: string, kind: QomKind | undefined): void {
  if (kind === undefined) throw new CommandError(`Device '${memdev}' not found`, "DeviceNotFound");
  if (kind !== "memory-backend") {
    throw new CommandError("Invalid parameter type for 'memdev', expected: memory-backend");
  }
}
