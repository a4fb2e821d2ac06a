import type { Refusal, ZoneIndex } from "@memhp/abi";
import {
  beginMigration,
  endMigration,
  firstToMove,
  type FrameRange,
  isBlockOnline,
  isolateRange,
  isWaiting,
  foliosWaiting,
  type MigrateOutcome,
  type Migration,
  type PageStore,
  refuseUnlessFree,
  settleMigration,
  unisolateRange,
  withholdFrames,
} from "@memhp/engine";
import type { StepContext, StepAwaitingTargets } from "./step-context.ts";
import type { RangeOutcome, WithholdRequest } from "./request.ts";
import { keepWithheld } from "./withheld.ts";

/** How often alloc_contig_range tries to move what is in the range (mm/page_alloc.c, __alloc_contig_migrate_range). */
const MOVE_TRIES = 5;

/** What a turn of the work came to: over, to be gone on with, or waiting for memory of other nodes. */
export type RangeTurn = RangeOutcome | "again" | RangeAwaitingTargets;
interface RangeAwaitingTargets extends StepAwaitingTargets<RangeTurn> {}

/**
 * A driver takes frames: alloc_contig_range, and PageOffline. Of an offline block they are only noted. Nobody on the notifier chain
 * is asked; what stands in the way is left where it is.
 */
export class RangeWork {
  readonly #request: WithholdRequest;
  #isIsolated = false;
  /** Of the present call, and calls so far. */
  #moves = 0;
  #calls = 1;
  #obstacle: Refusal | undefined;
  /** Pages moved since somebody asked; base pages. */
  #moved = 0;

  constructor(request: WithholdRequest) {
    this.#request = request;
  }

  takeMoved(): number {
    const moved = this.#moved;
    this.#moved = 0;
    return moved;
  }

  turn(context: StepContext): RangeTurn {
    const { map, stores, pagesTouched } = context;
    const block = Math.floor(this.#request.startPfn / map.blockPages);
    if (!isBlockOnline(map, block)) {
      keepWithheld(map, block, this.#request);
      return { ok: true };
    }
    pagesTouched(this.#request.node);
    const store = stores.of(this.#request.node);
    if (!this.#isIsolated) {
      const refusal = isolateRange(store, this.#request);
      if (refusal !== undefined) return this.#callFailed(refusal);
      this.#isIsolated = true;
      this.#moves = 0;
    }
    const pfn = this.#moves < MOVE_TRIES ? firstToMove(store, this.#request) : undefined;
    if (pfn === undefined) return this.#end(store);
    this.#moves++;
    const begun = beginMigration(store, block, pfn, endOf(this.#request));
    return "result" in begun ? this.#moveEnded(store, begun) : this.#goOn(context, store, begun);
  }

  #goOn(context: StepContext, store: PageStore, migration: Migration): RangeTurn {
    if (!isWaiting(migration)) return this.#moveEnded(store, endMigration(store, migration));
    const { node } = this.#request;
    const { block } = migration;
    const zone = context.map.blocks.zone(block) as ZoneIndex;
    const folios = foliosWaiting(store, migration);
    return {
      targetRequest: { node, atNs: context.atNs, block, zone, folios, ownNodeFirst: true },
      resume: (found, targets) => {
        settleMigration(store, migration, found);
        for (const { node: targetNode, pages } of targets)
          context.log.emit(context.atNs, node, { type: "migrate", block, pages, targetNode });
        return this.#goOn(context, store, migration);
      },
      restart: () => "again",
    };
  }

  #moveEnded(store: PageStore, { migratedPages, result, refusal }: MigrateOutcome): RangeTurn {
    this.#moved += migratedPages;
    this.#obstacle = refusal ?? this.#obstacle;
    // -ENOMEM ends the call: nobody has room (mm/page_alloc.c).
    if (result === "error" && refusal?.code === "no_target_memory") {
      unisolateRange(store, this.#request);
      return { ok: false, refusal };
    }
    return "again";
  }

  #end(store: PageStore): RangeTurn {
    const refusal = refuseUnlessFree(store, this.#request);
    if (refusal === undefined) withholdFrames(store, this.#request);
    unisolateRange(store, this.#request);
    this.#isIsolated = false;
    return refusal === undefined ? { ok: true } : this.#callFailed(this.#obstacle ?? refusal);
  }

  /** ZONE_MOVABLE promises more, so a driver tries there a few times. */
  #callFailed(refusal: Refusal): RangeTurn {
    const tries = refusal.zone === "Movable" ? this.#request.movableTries : 1;
    return this.#calls++ < tries ? "again" : { ok: false, refusal };
  }
}

function endOf({ startPfn, nrPages }: FrameRange): number {
  return startPfn + nrPages;
}
