import { ZONE_MOVABLE, type ZoneIndex } from "@memhp/abi";
import { BlockState, type MemoryMap, nodeOf } from "@memhp/engine";
import type { Machine } from "@memhp/machine";

/** What a step of a recorded run did that bears on where kernel pages lie. */
export interface StepTraits {
  readonly onlined: readonly number[];
  readonly offlined: readonly number[];
  /** It wrote to a block's `state` or `online` file. */
  readonly isBlockWrite: boolean;
  /** A program of the guest ran: it needs page tables, a stack, slab. */
  readonly runsProgram: boolean;
  /** The recorder looked at nothing but the compact state. */
  readonly isStateOnly: boolean;
  /** The recorder read every file of every block. */
  readonly readsTree: boolean;
}

/**
 * Where the kernel's own pages lie in a recorded run: no simulator can know it. A step's `given` says it of the
 * block that the step writes to. An eject carries no `given`, so there the kernel's habit counts: it takes pages at once
 * from the block that brings a kernel zone its first memory (observed-4.1 §6; del-*, j_*, x_default_kernel).
 */
export class KernelPages {
  readonly #machine: Machine;
  /** Blocks that hold a kernel page because this class said so. */
  readonly #marked = new Set<number>();
  /** Blocks that brought a kernel zone its first memory since they were last onlined, and what has happened since. */
  readonly #firstOfZone = new Map<number, { usedYet: boolean; programRan?: true }>();
  /** Nodes on which a program of the guest has run: it made the kernel allocate there. */
  readonly #busyNodes = new Set<number>();
  /** The block of which the step before told that it holds kernel pages. */
  #toldLast: number | undefined;
  #treeWasRead = false;
  #shrankCaches = false;
  /** Zones that had memory when the step began: `node.zone`. */
  #populated: ReadonlySet<string>;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#populated = populatedZones(machine.map);
  }

  /** Before a write to a block; one that was marked and is not given any more finds the pages gone. */
  async beforeWrite(block: number, given: boolean): Promise<void> {
    const { map } = this.#machine;
    this.#toldLast = given ? block : undefined;
    if (!map.blocks.has(block)) return;
    // Once programs ran on its node, the first block of a kernel zone never gets rid of the kernel (c_load_*_kernel).
    const isTaken = this.#firstOfZone.has(block) && this.#busyNodes.has(map.blocks.node(block));
    await this.#mark(block, given || (isTaken && this.#isInKernelZone(block)));
  }

  /**
   * Before the eject of the memory that holds these blocks. What a `given` marked elsewhere does not last until then: in
   * ZONE_MOVABLE such pages are on their way (observed-4.1 §6), in kernel zones too (6.12: f_memmap_on_memory); but right after that step they are
   * still there (6.12-ppc64el: p_notifier).
   */
  async beforeEject(blocks: readonly number[]): Promise<void> {
    for (const block of blocks) {
      const first = this.#isInKernelZone(block) ? this.#firstOfZone.get(block) : undefined;
      const isTold = this.#toldLast === block && this.#isInKernelZone(block);
      await this.#mark(block, isTold || (first !== undefined && (first.usedYet || this.#marked.has(block))));
    }
  }

  /**
   * Before a driver takes back what it can of these blocks, others first: by the time it comes to the block that brought a kernel zone its
   * first memory, the kernel has taken to it (v_user_offline, v_kernel_grow_shrink, v_offline_threshold). 7.3 has not where no program
   * ran since and another block went offline before, which shrinks all slab caches (7.3-vmem: the same, against v_bbm_512M_offline).
   */
  async beforeShrink(blocks: readonly number[], together: number): Promise<void> {
    const { map, kernel } = this.#machine;
    const unit = (block: number): number => Math.floor(block / together);
    for (const block of blocks) {
      const first = this.#firstOfZone.get(block);
      if (first === undefined || !this.#isInKernelZone(block)) continue;
      const goesBefore = (other: number): boolean =>
        unit(other) !== unit(block) && map.blocks.state(other) === BlockState.online && !this.#isInKernelZone(other);
      const isFreed = kernel.recorder.slabLeavesWithOthers === true && first.programRan !== true;
      if (!(isFreed && blocks.some(goesBefore))) await this.#mark(block, true);
    }
  }

  /** Before a program of the guest uses memory of a node: what it makes the kernel allocate comes first. */
  async beforeUse(node: number): Promise<void> {
    this.#busyNodes.add(node);
    for (const block of this.#firstOfZone.keys()) {
      if (this.#machine.map.blocks.node(block) === node && this.#isInKernelZone(block)) await this.#mark(block, true);
    }
  }

  /** After each step: notes which blocks came online as the first of their zone, and whether the kernel took to others. */
  afterStep({ onlined, offlined, isBlockWrite, isStateOnly, readsTree, runsProgram }: StepTraits): void {
    const { map } = this.#machine;
    if (!isBlockWrite) this.#toldLast = undefined;
    if (runsProgram) for (const first of this.#firstOfZone.values()) first.programRan = true;
    // An eject right after the online comes first (x_firmware_memmap, m_fuzz_42).
    const needsSlab = runsProgram || (readsTree && !this.#treeWasRead);
    if (!isStateOnly && !this.#waitsForSlab)
      for (const [block, first] of this.#firstOfZone) first.usedYet ||= needsSlab || !this.#waitsForReading(block);
    for (const block of offlined) this.#firstOfZone.delete(block);
    const taken = new Set(this.#populated);
    for (const block of onlined) {
      if (!map.blocks.has(block) || !this.#isInKernelZone(block) || !this.#hasCpus(map.blocks.node(block))) continue;
      const zone = `${map.blocks.node(block)}.${map.blocks.zone(block)}`;
      if (!taken.has(zone)) this.#firstOfZone.set(block, { usedYet: this.#waitsForSlab && this.#takesAtOnce });
      taken.add(zone);
    }
    this.#treeWasRead ||= readsTree;
    // Taking a block offline shrinks all slab caches, so that the next objects need fresh pages.
    this.#shrankCaches = isBlockWrite && offlined.length > 0;
    this.#populated = populatedZones(map);
  }

  /**
   * 4.1 needs fresh slab pages when the files of all blocks are read for the first time, and finds them in the new
   * block; once they were read it leaves the block alone (del-first-dimm against del-middle-dimm, x-del-notifier-busy).
   */
  get #takesAtOnce(): boolean {
    return !this.#treeWasRead || this.#shrankCaches;
  }

  #waitsForReading(block: number): boolean {
    const { map, kernel } = this.#machine;
    if (kernel.recorder.firstBlockTaken !== "with-first-reading" || !map.blocks.has(block)) return false;
    const { zones } = nodeOf(map, map.blocks.node(block));
    return zones.some(({ index, presentPages }) => index < map.blocks.zone(block) && presentPages > 0);
  }

  get #waitsForSlab(): boolean {
    return this.#machine.kernel.recorder.firstBlockTaken === "with-fresh-slab";
  }

  #isInKernelZone(block: number): boolean {
    return this.#machine.map.blocks.zone(block) < ZONE_MOVABLE;
  }

  #hasCpus(node: number): boolean {
    return this.#machine.board.layout.nodes.some((n) => n.node === node && n.cpus.length > 0);
  }

  async #mark(block: number, unmovable: boolean): Promise<void> {
    if (this.#marked.has(block) === unmovable) return;
    if (unmovable) this.#marked.add(block);
    else this.#marked.delete(block);
    if (this.#machine.map.blocks.has(block)) await this.#machine.markUnmovable([block], unmovable);
  }
}

function populatedZones(map: MemoryMap): Set<string> {
  const zones = new Set<string>();
  for (const id of map.nodes.keys()) {
    for (const zone of nodeOf(map, id).zones)
      if (zone.presentPages > 0) zones.add(`${id}.${zone.index satisfies ZoneIndex}`);
  }
  return zones;
}
