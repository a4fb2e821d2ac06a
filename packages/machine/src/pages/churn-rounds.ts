import { Prng } from "@memhp/engine";
import type { RunningLoad } from "./load-spec.ts";

/** A moment at which loads free a part of their pages and allocate as many anew. */
export interface ChurnRound {
  readonly atNs: number;
  readonly fraction: number;
  readonly loads: readonly RunningLoad[];
}

/** More rounds than this leave memory as mixed as it gets. */
const MOST_CHURN_ROUNDS = 16;

/** Rounds that have come since loads were last looked at. Loads whose round comes at the same moment share it. */
export function dueRounds(running: readonly RunningLoad[], nowNs: number): ChurnRound[] {
  const due = new Map<string, ChurnRound>();
  for (const load of running) {
    const { churn } = load;
    if (churn === undefined) continue;
    const first = Math.floor((load.churnedNs - load.startedNs) / churn.everyNs) + 1;
    const last = Math.floor((nowNs - load.startedNs) / churn.everyNs);
    for (let round = Math.max(first, last - MOST_CHURN_ROUNDS + 1); round <= last; round++) {
      const atNs = load.startedNs + round * churn.everyNs;
      const key = `${atNs}/${churn.fraction}`;
      const loads = [...(due.get(key)?.loads ?? []), load];
      due.set(key, { atNs, fraction: churn.fraction, loads });
    }
  }
  return [...due.values()].sort((a, b) => a.atNs - b.atNs || a.fraction - b.fraction);
}

/** One draw for each round and node, so that no other load's draws can shift it. */
export function seedOfRound(seed: number, { loads, atNs }: ChurnRound, node: number): number {
  const name = `${seed}/${loads.map(({ id }) => id).join()}/${atNs}/${node}`;
  return Math.floor(new Prng(hash(name)).next() * 2 ** 31);
}

/** FNV-1a: a number for a text. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
