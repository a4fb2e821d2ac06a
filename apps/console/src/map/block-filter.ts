import { BlockState } from "@memhp/engine";
import type { BlockColumns } from "../session/block-columns.ts";

/** Which blocks are looked at; an empty text lets all through. */
export interface BlockFilter {
  readonly state: "" | "online" | "offline" | "on its way";
  /** Index of a zone, as the columns have it. */
  readonly zone: string;
  /** Part of a device's name, or `boot`. */
  readonly device: string;
  /** Blocks with pages of it. */
  readonly load: string;
}

export const noFilter: BlockFilter = { state: "", zone: "", device: "", load: "" };

export function isFilter({ state, zone, device, load }: BlockFilter): boolean {
  return state !== "" || zone !== "" || device.trim() !== "" || load !== "";
}

const states: Readonly<Record<BlockFilter["state"], (state: number) => boolean>> = {
  "": () => true,
  online: (state) => state === BlockState.online,
  offline: (state) => state === BlockState.offline,
  "on its way": (state) => state === BlockState.goingOnline || state === BlockState.goingOffline,
};

/**
 * One for each block that a filter lets through, by place in the columns.
 * @param ofLoad blocks of the filter's load; undefined while nobody has told them.
 * @returns undefined where the filter lets all through.
 */
export function maskOf(
  columns: BlockColumns,
  filter: BlockFilter,
  ofLoad: ReadonlySet<number> | undefined,
): Uint8Array | undefined {
  if (!isFilter(filter)) return undefined;
  const mask = new Uint8Array(columns.ids.length);
  const isState = states[filter.state];
  const device = filter.device.trim();
  for (const { label, start, end } of columns.segments) {
    if (!label.includes(device)) continue;
    for (let i = start; i < end; i++) {
      if (!isState(columns.state[i] as number)) continue;
      if (filter.zone !== "" && columns.zone[i] !== Number(filter.zone)) continue;
      if (filter.load !== "" && ofLoad?.has(columns.ids[i] as number) !== true) continue;
      mask[i] = 1;
    }
  }
  return mask;
}

/** How many blocks a mask lets through. */
export function matching(mask: Uint8Array): number {
  let count = 0;
  for (const one of mask) count += one;
  return count;
}
