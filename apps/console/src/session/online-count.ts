import { BlockState } from "@memhp/engine";
import type { BlockColumns } from "./block-columns.ts";

/** A block that is going offline is online still: its pages are in use until it has gone. */
export function isOnline(state: number | undefined): boolean {
  return state === BlockState.online || state === BlockState.goingOffline;
}

/** Blocks that are online, of all there are. */
export function onlineCount({ state }: Pick<BlockColumns, "state">): number {
  let online = 0;
  for (const value of state) if (isOnline(value)) online += 1;
  return online;
}
