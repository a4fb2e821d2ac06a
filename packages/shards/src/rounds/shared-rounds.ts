import { emptyNode, type NodeMemory } from "@memhp/engine";
import type { RoundPart, Rounds, SharedRound, TargetRequest } from "@memhp/hotplug";
import { type Topology, RoundPlanner } from "../targets/round-planner.ts";
import type { Barrier } from "./barrier.ts";
import { OwnerNames, type PartHead, readHead, readPart, writePart } from "./part-codec.ts";
import { barrierOf, partNumbers, type RoundMemory } from "./round-memory.ts";

/** With so many events waiting the machine has a turn, so that a run streams what it tells. */
const MOST_EVENTS = 2 ** 15;

/**
 * Shards plan their rounds where they stand: each tells the others what its nodes ask for and what they have, in memory that all
 * share, and each makes the same plan of it. A message to the machine and back would take longer than most rounds do.
 */
export class SharedRounds implements Rounds {
  readonly #shard: number;
  readonly #barrier: Barrier;
  /** What all shards tell in rounds of even and of odd number. */
  readonly #parts: readonly (readonly Float64Array[])[];
  readonly #nodes = new Map<number, NodeMemory>();
  readonly #free = new Map<number, number[]>();
  /** Who owns a node, as the parts have told. */
  readonly #own = new Set<number>();
  readonly #names = new OwnerNames();
  readonly #planner: RoundPlanner;
  #parity = 0;

  constructor(memory: RoundMemory, topology: Topology) {
    this.#shard = memory.shard;
    this.#barrier = barrierOf(memory);
    this.#parts = [0, 1].map((parity) =>
      Array.from({ length: memory.shards }, (_, shard) => partNumbers(memory, shard, parity)),
    );
    this.#planner = new RoundPlanner({ ...topology, nodes: this.#nodes });
  }

  meet(part: RoundPart): SharedRound | { readonly finished: boolean } {
    const parts = this.#parts[this.#parity] as readonly Float64Array[];
    this.#parity = 1 - this.#parity;
    writePart(parts[this.#shard] as Float64Array, part);
    if (!this.#barrier.arrive()) return { finished: false };
    const heads = parts.map(readHead);
    if (heads.some((head) => head === undefined)) return { finished: false };
    const known = heads as PartHead[];
    const sum = (of: (head: PartHead) => number): number => known.reduce((all, head) => all + of(head), 0);
    if (sum(({ requests }) => requests) === 0) return { finished: known.every(({ finished }) => finished) };
    const targetRequests = parts.flatMap((numbers, i) => this.#read(numbers, known[i] as PartHead, part, i));
    if (sum(({ events }) => events) > MOST_EVENTS) return { finished: false };
    targetRequests.sort((a, b) => a.atNs - b.atNs || a.node - b.node);
    const plan = this.#planner.plan(targetRequests, (node) => this.#free.get(node) ?? []);
    if (plan === undefined) return { finished: false };
    return {
      answers: plan.answers.filter(({ node }) => this.#own.has(node)),
      takes: plan.takes.filter(({ node }) => this.#own.has(node)),
    };
  }

  /** Someone of the shards is gone, or has failed: nobody waits for it. */
  break(): void {
    this.#barrier.break();
  }

  #read(numbers: Float64Array, head: PartHead, own: RoundPart, shard: number): readonly TargetRequest[] {
    const isOwn = shard === this.#shard;
    const read = readPart(numbers, isOwn ? { ...head, requests: 0 } : head, this.#names, (id) => {
      if (isOwn) this.#own.add(id);
      let memory = this.#nodes.get(id);
      if (memory === undefined) this.#nodes.set(id, (memory = emptyNode(id)));
      let free = this.#free.get(id);
      if (free === undefined) this.#free.set(id, (free = []));
      return { memory, free };
    });
    return isOwn ? own.targetRequests : read;
  }
}
