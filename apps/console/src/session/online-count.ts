import { BlockState } from "@memhp/engine";
import type { BlockColumns } from "./block-columns.ts";

/** Blocks that are online, of all there are. */
export function onlineCount({ state }: Pick<BlockColumns, "state">): number {
  let online = 0;
  for (const value of state) if (value === BlockState.online || value === BlockState.goingOffline) online += 1;
  return online;
}
