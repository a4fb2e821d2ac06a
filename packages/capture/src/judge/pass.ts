import type { HostRules } from "../rules/host-rules.ts";
import { copyMemory, type HostMemory, type ZoneRoom } from "./host-memory.ts";
import { judge } from "./judge.ts";
import { demandOf, hugepagesIn, lookAt, type LookedBlock, pagesWithin } from "./looked.ts";
import { targetNodes } from "./room.ts";
import { fillZones, zonesInOrder } from "./targets.ts";
import type { Verdict } from "./verdict.ts";

/** A block, with what came to it and left it while other blocks were taken offline. Base pages. */
interface Tally {
  looked: LookedBlock;
  isOffline: boolean;
}

/**
 * Thinks a sequence of offlines through: each success moves pages, which changes the room of those after it. Nobody can tell in
 * which block a page arrives; each has its share by its free pages.
 */
export class Pass {
  readonly #memory: HostMemory;
  readonly #rules: HostRules;
  readonly #blocks = new Map<number, Tally>();

  constructor(memory: HostMemory, rules: HostRules) {
    this.#memory = copyMemory(memory);
    this.#rules = rules;
    for (const block of memory.host.blocks)
      this.#blocks.set(block.block, { looked: lookAt(memory, block, rules), isOffline: false });
  }

  /** Base pages that an offline of the block would move now. */
  cost(block: number): number {
    const { survey } = this.#tally(block).looked;
    return survey.singles + survey.folios.reduce((sum, pages) => sum + pages, 0) + survey.hugetlbPages;
  }

  get blocks(): readonly number[] {
    return [...this.#blocks.keys()];
  }

  /** What would come of one block now. */
  judge(block: number): Verdict {
    const tally = this.#tally(block);
    const { looked } = tally;
    if (tally.isOffline) return { block, node: looked.node ?? null, zone: null, answer: "is_offline" };
    return judge(this.#memory, looked, this.#rules);
  }

  /** Carries an offline out, in thought; `comesBack` onlines the block again at once. */
  leave(block: number, comesBack: boolean): void {
    const tally = this.#tally(block);
    const { looked } = tally;
    const { survey, node, zone, range } = looked;
    const own = this.#memory.zones.find((each) => each.node === node && each.info.zone === zone);
    if (own === undefined || node === undefined) return;
    const demand = demandOf(this.#memory, looked);
    const pages = demand.singles + demand.folios.reduce((sum, folio) => sum + folio, 0);
    own.free = Math.max(0, own.free - survey.free);
    this.#moveHugepages(looked);
    this.#arrive(pages, node, own.index, block);
    const all = range.end - range.start - survey.poisoned;
    if (comesBack) {
      own.free += all;
      own.hugeChunks += all;
    }
    tally.isOffline = !comesBack;
    const empty = { singles: 0, folios: [], hugetlbPages: 0, unknown: 0, unknowns: [], heldBuffers: [], free: all };
    tally.looked = { ...looked, survey: { ...survey, ...empty } };
  }

  #tally(block: number): Tally {
    const tally = this.#blocks.get(block);
    if (tally === undefined) throw new RangeError(`no block ${block}`);
    return tally;
  }

  /** Pages go to the nearest zone that has room above its low watermark, then above its min. */
  #arrive(pages: number, from: number, highest: number, leaving: number): void {
    const zones = zonesInOrder(this.#memory, { node: from, zone: highest }, targetNodes(this.#memory, from));
    const left = fillZones(zones, pages, highest, (zone, taken) => this.#fill(zone, taken, leaving));
    this.#reclaim(left, zones);
  }

  /** What no zone had room for came in the place of cached files, and of programs' pages that went to swap. */
  #reclaim(pages: number, zones: readonly ZoneRoom[]): void {
    let left = pages;
    for (const kind of ["fileLru", "anonLru"] as const)
      for (const zone of zones) {
        const most = kind === "anonLru" ? Math.min(zone.anonLru, this.#memory.swapFree) : zone.fileLru;
        const taken = Math.min(left, most);
        zone[kind] -= taken;
        if (kind === "anonLru") this.#memory.swapFree -= taken;
        left -= taken;
      }
  }

  #fill(zone: ZoneRoom, pages: number, leaving: number): void {
    zone.free -= pages;
    zone.hugeChunks = Math.min(zone.hugeChunks, zone.free);
    const homes = [...this.#blocks.values()].filter(
      ({ looked, isOffline }) =>
        !isOffline && looked.block.block !== leaving && looked.node === zone.node && looked.zone === zone.info.zone,
    );
    const free = homes.reduce((sum, { looked }) => sum + looked.survey.free, 0);
    if (free === 0) return;
    for (const home of homes) {
      const { survey } = home.looked;
      const share = Math.min(survey.free, Math.round((pages * survey.free) / free));
      home.looked = {
        ...home.looked,
        survey: { ...survey, free: survey.free - share, singles: survey.singles + share },
      };
    }
  }

  /** Free hugepages are dissolved; those in use take free ones of other nodes, or fresh ones. */
  #moveHugepages({ range, node, zone }: LookedBlock): void {
    const own = this.#memory.zones.find((each) => each.node === node && each.info.zone === zone);
    const hugepages = [...this.#memory.hugepages];
    for (const page of hugepagesIn(this.#memory, range)) {
      hugepages.splice(hugepages.indexOf(page), 1);
      const outside = page.pages - pagesWithin(page, range);
      if (own !== undefined) own.free += outside;
      const pools = this.#memory.pools.filter(({ pages }) => pages === page.pages);
      if (!page.isMapped) {
        const pool = pools.find((each) => each.node === node);
        if (pool !== undefined && pool.free > 0) pool.free--;
        continue;
      }
      const pool = pools.find((each) => each.node !== node && each.free > 0);
      if (pool !== undefined) pool.free--;
      else {
        const zones = this.#memory.zones.filter((each) => each.node !== node || this.#memory.memoryNodes.length === 1);
        const roomiest = zones.sort((a, b) => b.hugeChunks - a.hugeChunks)[0];
        if (roomiest !== undefined) {
          roomiest.free = Math.max(0, roomiest.free - page.pages);
          roomiest.hugeChunks = Math.max(0, roomiest.hugeChunks - page.pages);
        }
      }
    }
    (this.#memory as { hugepages: HostMemory["hugepages"] }).hugepages = hugepages;
  }
}
