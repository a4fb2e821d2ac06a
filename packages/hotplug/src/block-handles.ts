import { type BlockHandle, compileTable, type HandleInput, reviveActor, rowHandle } from "@memhp/block";
import { BlockState, type MemoryMap } from "@memhp/engine";
import { type BlockWatcher, WatchedBlocks } from "./watched-blocks.ts";

/** Blocks on their way: an actor each, or a row of the table where many change at once; those that somebody looks at have one that stays. */
export class BlockHandles {
  readonly #map: MemoryMap;
  /** Who carries out the steps of actors; one port for all, so that one statechart serves them. */
  readonly #performs = new Map<number, HandleInput["ports"]>();
  readonly #ports: HandleInput["ports"] = {
    perform: (step, block) => this.#performs.get(block)?.perform(step, block),
  };
  #watched: WatchedBlocks | undefined;

  constructor(map: MemoryMap) {
    this.#map = map;
  }

  /** Those that somebody looks at. */
  get watched(): WatchedBlocks | undefined {
    return this.#watched;
  }

  /** Replaces the watcher before. */
  watch(watcher: BlockWatcher): void {
    this.#watched?.close();
    this.#watched = new WatchedBlocks(this.#map, watcher);
  }

  /** A block that begins to change. @param asRow whether it is one of many. */
  open(block: number, ports: HandleInput["ports"], asRow: boolean): BlockHandle {
    const seen = this.#watched?.open(block, (step) => ports.perform(step, block));
    if (seen !== undefined) return seen;
    const { blocks } = this.#map;
    const leaf = blocks.state(block) === BlockState.online ? "online" : "offline";
    const place = { block, node: blocks.node(block), leaf } as const;
    return asRow ? rowHandle(compileTable(), { ...place, ports }) : this.#actor(place, ports);
  }

  #actor(place: Omit<HandleInput, "ports">, own: HandleInput["ports"]): BlockHandle {
    const { block } = place;
    const performs = this.#performs;
    performs.set(block, own);
    const actor = reviveActor({ ...place, ports: this.#ports });
    return {
      block,
      get leaf() {
        return actor.leaf;
      },
      send: (event) => actor.send(event),
      release() {
        performs.delete(block);
        actor.release();
      },
    };
  }
}
