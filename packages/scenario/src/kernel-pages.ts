import { ZONE_MOVABLE, type ZoneIndex } from "@memhp/abi";
import { BlockFlag, type MemoryMap, nodeOf } from "@memhp/engine";
import type { Machine } from "@memhp/machine";

/**
 * Where the kernel's own pages lie in a recorded run: no simulator can know it. A step's
 * `given` says it of the block that the step writes to; an eject carries no `given`, so for
 * its blocks the last word counts, and the kernel's habit: it takes pages at once from the
 * block that brings a kernel zone its first memory (observed-4.1 §6; del-*, j_*, x_default_kernel).
 */
export class KernelPages {
  readonly #machine: Machine;
  /** Blocks that a `given` marked; a later step on them without `given` finds the pages gone. */
  readonly #marked = new Set<number>();
  /** Blocks that brought a kernel zone its first memory, since they were last onlined. */
  readonly #firstOfZone = new Set<number>();
  /** Zones that had memory when the step began: `node.zone`. */
  #populated: ReadonlySet<string>;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#populated = populatedZones(machine.map);
  }

  /** Before a write to a block. */
  async beforeWrite(block: number, given: boolean): Promise<void> {
    if (!this.#machine.map.blocks.has(block)) return;
    if (given || this.#marked.has(block)) await this.#mark(block, given);
  }

  /** Before the eject of the memory that holds these blocks. */
  async beforeEject(blocks: readonly number[]): Promise<void> {
    const { map } = this.#machine;
    for (const block of blocks) {
      const inKernelZone = map.blocks.zone(block) < ZONE_MOVABLE;
      // In ZONE_MOVABLE such pages are on their way: trying again succeeds (observed-4.1 §6).
      if (this.#marked.has(block) && !inKernelZone) await this.#mark(block, false);
      else if (this.#firstOfZone.has(block) && inKernelZone) await this.#mark(block, true);
    }
  }

  /** After each step: notes which of the blocks that came online were the first of their zone. */
  afterStep(onlined: readonly number[], offlined: readonly number[]): void {
    const { map } = this.#machine;
    const taken = new Set(this.#populated);
    for (const block of offlined) this.#firstOfZone.delete(block);
    for (const block of onlined) {
      if (!map.blocks.has(block) || map.blocks.zone(block) >= ZONE_MOVABLE || !this.#hasCpus(map.blocks.node(block)))
        continue;
      const zone = `${map.blocks.node(block)}.${map.blocks.zone(block)}`;
      if (!taken.has(zone)) this.#firstOfZone.add(block);
      taken.add(zone);
    }
    this.#populated = populatedZones(map);
  }

  #hasCpus(node: number): boolean {
    return this.#machine.board.layout.nodes.some((n) => n.node === node && n.cpus.length > 0);
  }

  async #mark(block: number, unmovable: boolean): Promise<void> {
    if (unmovable) this.#marked.add(block);
    else this.#marked.delete(block);
    if (this.#machine.map.blocks.hasFlag(block, BlockFlag.unmovable) !== unmovable)
      await this.#machine.markUnmovable([block], unmovable);
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
