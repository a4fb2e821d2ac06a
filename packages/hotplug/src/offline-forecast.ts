import type { Errno, Refusal } from "@memhp/abi";
import { type BlockStep, offlineOrder } from "@memhp/block";
import {
  type BlockUse,
  blockUse,
  type MemoryMap,
  type PageStore,
  predictOffline,
  refuseBeforeIsolation,
  refuseUnmovable,
} from "@memhp/engine";
import { refuseByVeto } from "./notify-steps.ts";

/** Before it is tried: why a block refuses to go offline, and how its pages would take it. */
export interface BlockSurvey {
  readonly block: number;
  /** What the first step that refuses would answer, however much room there is for what can move; EINTR: it would never end by itself. */
  readonly refusal?: Refusal;
  /** Base pages by what an offline would do with them; absent for a block without pages. */
  readonly use?: BlockUse;
}

/** What an offline would meet. */
export interface Met {
  readonly map: MemoryMap;
  readonly store: PageStore;
  /** What the callback answers that injects errors; 0 for nothing. Others decide only when they are asked. */
  readonly injected: Errno | 0;
}

/**
 * What each step of an offline would refuse, by the rules that the step itself goes by, without trying it. A step that is not here refuses
 * nothing that can be foreseen alone: what `dissolve` and `verify` find, `migrate` comes across before.
 */
const forecasts: Readonly<Partial<Record<BlockStep, (met: Met, block: number) => Refusal | undefined>>> = {
  check: ({ map }, block) => refuseBeforeIsolation(map, block),
  isolate: ({ store }, block) => (hasPages(store, block) ? refuseUnmovable(store, block) : undefined),
  notify_going_offline: ({ map, injected }, block) =>
    injected === 0
      ? undefined
      : refuseByVeto(map, block, "MEM_GOING_OFFLINE", injected, "memory-notifier-error-inject"),
  migrate: ({ store }, block) => (hasPages(store, block) ? predictOffline(store, block) : undefined),
};

function hasPages(store: PageStore, block: number): boolean {
  return store.rows.find(block) >= 0;
}

/** The first refusal on the way that the statechart takes. */
export function foreseeOffline(met: Met, block: number): BlockSurvey {
  const use = blockUse(met.store, block);
  for (const step of offlineOrder()) {
    const refusal = forecasts[step]?.(met, block);
    if (refusal !== undefined) return { block, refusal, ...(use === undefined ? {} : { use }) };
  }
  return { block, ...(use === undefined ? {} : { use }) };
}
