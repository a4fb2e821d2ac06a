import { type Errno, errnoText, formatNumberList, type Refusal, type RefusalCode } from "@memhp/abi";

const meaning: Readonly<Record<RefusalCode, string>> = {
  bad_word: "The file does not understand what was written.",
  already_in_state: "The block already is what was asked for.",
  not_adjacent: "The block does not lie at the edge of the zone that it would have to join.",
  mixed_zones: "The block's pages lie in more than one zone or node.",
  memory_hole: "The block has holes: not all of its pages are RAM.",
  unmovable_page: "The block holds pages that cannot be moved away.",
  pinned_page: "Somebody holds on to a page of the block.",
  no_target_memory: "The pages in use have nowhere to go.",
  notifier_veto: "A callback of the memory notifier chain said no.",
  timeout: "The time that the kernel allows was over.",
  signal: "The writer got a signal.",
  poisoned: "The block has pages with hardware errors.",
  last_normal_memory: "It is the last memory that the kernel can use for itself.",
  no_ram_resource: "There is no RAM at that address.",
  unaligned: "The range does not begin or end on the boundary that the kernel wants.",
  overlap: "Something else is at these addresses.",
  no_such_node: "There is no such node.",
  out_of_range: "The number is out of range.",
  eject_disabled: "Ejecting is switched off.",
  container_busy: "Something in the container is still in use.",
  no_slot: "There is no free slot.",
  read_only: "The file cannot be written.",
  write_only: "The file cannot be read.",
  no_entry: "There is no such file.",
};

const retryWords: Readonly<Record<Refusal["retry"], string>> = {
  no: "Trying again gives the same answer.",
  maybe: "Trying again may help.",
  yes: "Trying again helps.",
};

/** `EBUSY (Device or resource busy)`. */
export function errnoWords(errno: Errno): string {
  return `${errno} (${errnoText(errno)})`;
}

/** What a refusal's code means, as a sentence. */
export function meaningOf(code: RefusalCode): string {
  return meaning[code];
}

export function retryOf({ retry }: Refusal): string {
  return retryWords[retry];
}

/** The first pages that stand in the way, and how many there are. */
export function pagesOf({ pages, total }: Refusal): string | undefined {
  const [first] = pages ?? [];
  if (pages === undefined || first === undefined) return undefined;
  const count = total ?? pages.length;
  // What a recorded run was given has no owner that could be named.
  const owner = first.owner === undefined || first.owner === "given" ? "" : `, held by ${first.owner}`;
  const which = count === 1 ? "page in the way:" : "pages in the way; the first is";
  return `${count} ${first.kind} ${which} pfn 0x${first.pfn.toString(16)}${owner}`;
}

/** Refusals of one kind and reason, told once. */
export interface RefusalGroup {
  readonly refusal: Refusal;
  readonly count: number;
  /** `32-39,41`; empty where no refusal names a block. */
  readonly blocks: string;
}

/** Puts refusals with the same reason together, the most frequent first. */
export function groupRefusals(refusals: readonly Refusal[]): RefusalGroup[] {
  const groups = new Map<string, Refusal[]>();
  for (const refusal of refusals) {
    const key = `${refusal.errno} ${refusal.code} ${refusal.rule}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [refusal]);
    else group.push(refusal);
  }
  return [...groups.values()]
    .map((group): RefusalGroup => ({
      refusal: group[0] as Refusal,
      count: group.length,
      blocks: formatNumberList(group.flatMap(({ block }) => (block === undefined ? [] : [block]))),
    }))
    .sort((a, b) => b.count - a.count);
}
