import type { Result } from "@memhp/abi";
import type { DlparPort } from "@memhp/devices";
import type { Platform } from "@memhp/platforms";
import { dlparDoor, type DlparHost, dlparPort } from "./dlpar-door.ts";

/** Kernel code that is told of memory otherwise than by ACPI. */
export interface Announcer {
  readonly announces: Platform["announces"];
  /** What devices ask of it. */
  port(host: Pick<DlparHost, "board" | "memory" | "log">): DlparPort;
  /** What is written to its file in /sys. */
  door(host: DlparHost): (text: string) => Promise<Result<void>>;
}

/** All that memhp has; a page that begins with a PC loads them later. */
export const announcers: readonly Announcer[] = [{ announces: "dlpar", port: dlparPort, door: dlparDoor }];

/** That of a platform; undefined where ACPI or nobody tells. */
export function announcerOf({ announces }: Platform): Announcer | undefined {
  return announcers.find((each) => each.announces === announces);
}
