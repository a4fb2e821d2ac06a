import { expect, test } from "vitest";
import { knownDifferences, replay, tracesNamed } from "../src/index.ts";

/** Kinds of recorded runs that memhp answers in full. */
const groups: readonly (readonly [kernel: string, words: readonly string[]])[] = [
  [
    "4.1",
    [
      "order-",
      "two-",
      "interleaved-",
      "boot-",
      "invalid-writes",
      "online-file",
      "notifier-error",
      "node-links-meminfo",
    ],
  ],
  [
    "6.",
    [
      "a_boot_",
      "b_",
      "d_",
      "f_auto",
      "f_default",
      "f_params",
      "g_state",
      "g_strings",
      "g_online",
      "g_readonly",
      "h_",
      "j_",
    ],
  ],
];

for (const [kernel, words] of groups) {
  for (const id of tracesNamed(kernel, words)) {
    test(`${id}: memhp answers every step as the kernel did`, async () => {
      const { comparison } = await replay(id);
      const known = new Set(knownDifferences.filter((entry) => entry.trace === id).flatMap((entry) => entry.steps));
      expect(comparison.total).toBeGreaterThan(0);
      expect(comparison.differences.filter((difference) => !known.has(difference.step))).toEqual([]);
      // A difference that is gone must leave the list.
      expect(new Set(comparison.differences.map((difference) => difference.step))).toEqual(known);
    });
  }
}
