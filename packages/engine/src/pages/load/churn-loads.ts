import type { PageStore } from "../page-store.ts";
import type { Prng } from "../prng.ts";
import { orderOfUsed } from "../used-pages.ts";
import { allocateOne } from "./allocate-load.ts";
import { recipeOf } from "./load-recipe.ts";
import type { Load, LoadContext } from "./load.ts";
import { eachPageOf } from "./owned-pages.ts";
import { giveBack } from "./release-load.ts";

/**
 * Loads live: each frees a part of its pages, chosen by the generator, and then they allocate as many anew, in an order
 * that the generator draws page by page. So their pages mix, and memory fragments as it does in a system.
 * @returns base pages that found no room any more.
 * @param fraction of each load's pages, 0 to 1
 */
export function churnLoads(
  store: PageStore,
  loads: readonly Load[],
  fraction: number,
  prng: Prng,
  context: LoadContext,
): number {
  const waiting = loads.map((load) => {
    let left = 0;
    const recipe = recipeOf(store, load, context);
    const alike = (index: number, count: number): void => {
      const size = 2 ** orderOfUsed(store, index);
      // What somebody else has a reference to, it would not get back.
      const isHeld = (store.linkB[index] as number) > recipe.pins;
      for (let at = index; at < index + count * size; at += size) {
        if (prng.next() >= fraction || isHeld) continue;
        left += size;
        giveBack(store, at);
      }
    };
    eachPageOf(store, load.owner, { page: (index) => alike(index, 1), alike });
    return { owner: load.owner, left, turn: 0, recipe };
  });
  let missing = 0;
  let active = waiting.filter(({ left }) => left > 0);
  while (active.length > 0) {
    const next = active[prng.below(active.length)] as (typeof waiting)[number];
    const at = next.recipe.turns[next.turn % next.recipe.turns.length];
    const taken = at === undefined ? 0 : allocateOne(store, next.owner, next.recipe, at, context.floors);
    next.left -= taken;
    next.turn++;
    if (taken === 0) missing += next.left;
    if (taken === 0 || next.left <= 0) active = active.filter((entry) => entry !== next);
  }
  return missing;
}
