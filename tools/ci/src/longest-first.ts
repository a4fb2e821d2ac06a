import { readFileSync } from "node:fs";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files of tests that take long, longest first: begun late, one of them would run alone while all other processors have nothing left to do.
 * Where a file ran before, vitest knows how long it took. Elsewhere it goes by the sizes of files, of which the replay of all recorded runs
 * is a small one: there those begin that allow their tests the longest.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { cache } = this.ctx;
    const allowed = new Map(
      files
        .filter((file) => cache.getTestSpecificationResult(file) === undefined)
        .map((file) => [file, longestTimeout(readFileSync(file.moduleId, "utf8"))]),
    );
    const rest = await super.sort(files);
    return rest.sort((a, b) => (allowed.get(b) ?? 0) - (allowed.get(a) ?? 0));
  }
}

/** Milliseconds that a file of tests names as the most that one of them may take; where a condition chooses, what it chooses last does not count. */
export function longestTimeout(text: string): number {
  const named = [...text.matchAll(/\btimeout: (?:[^,:}]*\? )?(\d[\d_]*)/g)];
  return Math.max(0, ...named.map(([, digits = ""]) => Number(digits.replaceAll("_", ""))));
}
