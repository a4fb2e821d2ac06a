import type { MachineImage } from "@memhp/machine";
import type { Host } from "../host/host.ts";
import { readPage } from "../pages/page-kind.ts";
import { Owner } from "./page-use.ts";

/** What the image of a captured host guesses. Counts are of pages. */
export interface HostUnknowns {
  /** Of online blocks. */
  readonly pages: number;
  /** No flag tells what they are; they count as memory of the kernel and belong to `unknown`. */
  readonly unknown: number;
  /** Without a flag, and taken for free on a processor's list. */
  readonly takenForFree: number;
}

/** What an image of `hostImage` does not know of its pages. */
export function hostUnknowns({ flags }: Host, { memory }: MachineImage): HostUnknowns {
  const stores = memory.nodes.pages;
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  const free = sum(stores.flatMap(({ counters }) => counters.freePages));
  const known = (flags?.values ?? []).map(readPage);
  let marked = 0;
  for (const { pages, value } of flags?.within(0, Number.POSITIVE_INFINITY) ?? [])
    if (known[value]?.kind === "free") marked += pages;
  return {
    pages: sum(stores.flatMap(({ counters }) => counters.presentPages)),
    unknown: sum(stores.map(({ ownerPages }) => ownerPages[Owner.unknown] ?? 0)),
    takenForFree: Math.max(0, free - marked),
  };
}
