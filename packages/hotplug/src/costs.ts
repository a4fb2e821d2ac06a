import type { BlockStep } from "@memhp/block";

/**
 * Simulated nanoseconds of each step of an online or offline of one block, and of hot-add and
 * hot-remove. Defaults are medians of a real 6.1 under TCG: an idle 128 MiB block onlines in
 * 1.6 ms and offlines in 3.0 ms; a refused isolation takes 0.06 ms (observed-6 §14).
 */
export interface Costs {
  readonly steps: Readonly<Record<BlockStep, number>>;
  /** One page that moves: 40,000 pages a second. */
  readonly migratePage: number;
  /** How long 4.1 tries to offline a block (facts §4.1: 120 s). */
  readonly offlineTimeout: number;
  /** A driver takes or gives frames; without what has to move. */
  readonly withhold: number;
  /** The same, back to the kernel. */
  readonly release: number;
  readonly addBlock: number;
  readonly removeBlock: number;
}

const US = 1000;

/** How long each step takes, in nanoseconds of simulated time, as measured on a real kernel. */
export const defaultCosts: Costs = {
  steps: {
    choose_zone: 10 * US,
    notify_going_online: 50 * US,
    populate: 1500 * US,
    announce_online: 40 * US,
    cancel_online: 50 * US,
    check: 4 * US,
    isolate: 56 * US,
    notify_going_offline: 50 * US,
    migrate: 2700 * US,
    dissolve: 50 * US,
    verify: 100 * US,
    withdraw: 40 * US,
    cancel_offline: 50 * US,
  },
  migratePage: 25 * US,
  offlineTimeout: 120_000_000 * US,
  withhold: 200 * US,
  release: 100 * US,
  addBlock: 1000 * US,
  removeBlock: 1000 * US,
};
