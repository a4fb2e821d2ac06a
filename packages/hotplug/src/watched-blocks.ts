import { type BlockHandle, type BlockInspector, type BlockLeaf, type BlockStep, reviveActor } from "@memhp/block";
import { BlockState, type MemoryMap } from "@memhp/engine";

/** A block as a watcher can choose it. */
export interface WatchableBlock {
  readonly block: number;
  readonly node: number;
  readonly leaf: BlockLeaf;
}

/** Somebody who looks at blocks: an inspector's source in this thread. */
export interface BlockWatcher {
  /** Whether this block's actor would be looked at one by one. */
  wants(block: WatchableBlock): boolean;
  readonly inspect: BlockInspector;
  /** How many blocks of a node that are not looked at are in each state. */
  tally(node: number, counts: Readonly<Record<string, number>>): void;
}

interface Watched {
  readonly handle: BlockHandle;
  perform: (step: BlockStep) => void;
  /** An operation is under way: the actor must outlive its watcher. */
  busy: boolean;
}

const restLeaf = (state: BlockState): BlockLeaf => (state === BlockState.online ? "online" : "offline");
const isInTransit = (state: BlockState): boolean =>
  state === BlockState.goingOnline || state === BlockState.goingOffline;
const countedAs = (state: BlockState): string => {
  if (!isInTransit(state)) return restLeaf(state);
  return state === BlockState.goingOnline ? "going_online" : "going_offline";
};

/** Blocks that somebody looks at: their actors stay alive between operations. */
export class WatchedBlocks {
  readonly #map: MemoryMap;
  readonly #watcher: BlockWatcher;
  readonly #watched = new Map<number, Watched>();
  /** Every actor that lives: one under way outlives the end of its watcher. */
  readonly #alive = new Map<number, Watched>();
  readonly #ports = { perform: (step: BlockStep, block: number) => this.#alive.get(block)?.perform(step) };
  #closed = false;

  constructor(map: MemoryMap, watcher: BlockWatcher) {
    this.#map = map;
    this.#watcher = watcher;
    this.look(map.blocks.ids());
    this.tally(new Set(map.nodes.keys()));
  }

  /** Revives those blocks that the watcher wants. One in the middle of an operation waits for its next one. */
  look(blocks: Iterable<number>): void {
    for (const block of blocks) {
      if (isInTransit(this.#map.blocks.state(block))) continue;
      const candidate = { block, node: this.#map.blocks.node(block), leaf: restLeaf(this.#map.blocks.state(block)) };
      if (!this.#watched.has(block) && this.#watcher.wants(candidate)) this.#revive(candidate);
    }
  }

  #revive({ block, node, leaf }: WatchableBlock): Watched {
    const watched: { handle?: BlockHandle; perform: Watched["perform"]; busy: boolean } = {
      perform: () => {},
      busy: false,
    };
    watched.handle = reviveActor(
      { block, node, leaf, ports: this.#ports },
      { id: `memory${block}`, inspect: this.#watcher.inspect },
    );
    this.#watched.set(block, watched as Watched);
    this.#alive.set(block, watched as Watched);
    return watched as Watched;
  }

  /** The living actor of a watched block, or undefined. Releasing it leaves it alive. */
  open(block: number, perform: (step: BlockStep) => void): BlockHandle | undefined {
    const candidate = { block, node: this.#map.blocks.node(block), leaf: restLeaf(this.#map.blocks.state(block)) };
    const watched = this.#watched.get(block) ?? (this.#watcher.wants(candidate) ? this.#revive(candidate) : undefined);
    if (watched === undefined) return undefined;
    const { handle } = watched;
    watched.perform = perform;
    watched.busy = true;
    return {
      block,
      get leaf() {
        return handle.leaf;
      },
      send: (event) => handle.send(event),
      release: () => {
        watched.busy = false;
        if (this.#closed) handle.release();
      },
    };
  }

  /** A block is gone: its actor ends in its final state. */
  removed(block: number): void {
    const watched = this.#watched.get(block);
    if (watched === undefined) return;
    watched.handle.send({ type: "REMOVE" });
    this.#watched.delete(block);
    this.#alive.delete(block);
  }

  tally(nodes: ReadonlySet<number>): void {
    const counts = new Map<number, Record<string, number>>([...nodes].map((node) => [node, { online: 0, offline: 0 }]));
    for (const block of this.#map.blocks.ids()) {
      const count = counts.get(this.#map.blocks.node(block));
      if (count === undefined || this.#watched.has(block)) continue;
      const state = countedAs(this.#map.blocks.state(block));
      count[state] = (count[state] ?? 0) + 1;
    }
    for (const [node, count] of counts) this.#watcher.tally(node, count);
  }

  /** Ends the actors, those in the middle of an operation when it is over. */
  close(): void {
    this.#closed = true;
    for (const { handle, busy } of this.#watched.values()) if (!busy) handle.release();
    this.#watched.clear();
  }
}
