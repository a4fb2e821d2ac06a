import { builds, type Kernel, kernels } from "@memhp/kernels";
import { Prng } from "@memhp/engine";
import fc from "fast-check";
import { type Checked, checkScenario } from "./check-scenario.ts";
import type { Law } from "./laws.ts";
import type { Broken } from "./play.ts";
import { type PlainScenario, randomScenario } from "./random-scenario.ts";
import { shrink } from "./shrink.ts";

/** Every kernel that memhp has, and its builds for other platforms. */
export const fuzzKernels: readonly Kernel[] = [...kernels, ...builds];

/** A plain value, from which all that a random run is and comes to follows. */
export interface FuzzCase {
  readonly number: number;
  readonly kernel: string;
  readonly seed: number;
}

/** What came of one case. */
export interface FuzzResult extends FuzzCase {
  readonly operations: Readonly<Record<string, number>>;
  /** Steps that made no sense where they stood. */
  readonly refused: number;
  readonly ended?: Checked["ended"];
  readonly checks: Readonly<Partial<Record<Law, number>>>;
  readonly finding?: Finding;
  /** Its worker ended, and why. */
  readonly lost?: string;
}

/** A law that did not hold, and the smallest scenario found that shows it. */
export interface Finding extends Broken {
  readonly scenario: PlainScenario;
  /** Scenarios that were tried to make it smaller. */
  readonly tried: number;
  /** Steps before. */
  readonly ofSteps: number;
}

/**
 * The case of a number: kernels by turns, each with a seed of its own.
 * @throws RangeError without a kernel
 */
export function fuzzCase(seed: number, number: number, of: readonly Kernel[]): FuzzCase {
  const kernel = of[number % of.length];
  if (kernel === undefined) throw new RangeError("fuzzing needs a kernel");
  const drawn = new Prng(seed ^ Math.imul(number + 1, 0x9e3779b1)).next();
  return { number, kernel: kernel.id, seed: Math.floor(drawn * 2 ** 31) };
}

/** Scenarios that are tried at most to make one smaller. */
const MOST_TRIED = 600;

/**
 * Draws a case's scenario, plays it in every way, and makes it smaller where a law does not hold.
 * @throws RangeError for a kernel that is not known
 */
export async function runFuzzCase({ number, kernel: id, seed }: FuzzCase): Promise<FuzzResult> {
  const kernel = fuzzKernels.find((each) => each.id === id);
  if (kernel === undefined) throw new RangeError(`unknown kernel ${JSON.stringify(id)}`);
  const [drawn] = fc.sample(randomScenario(kernel, `fuzz ${id} ${seed}`), { seed, numRuns: 1 });
  const checked = await checkScenario(drawn as PlainScenario);
  const { operations, refused, checks, ended } = checked;
  const found = await smallestOf(checked);
  return {
    number,
    kernel: id,
    seed,
    operations,
    refused,
    checks,
    ...(ended === undefined ? {} : { ended }),
    ...(found === undefined ? {} : { finding: found }),
  };
}

async function smallestOf(whole: Checked): Promise<Finding | undefined> {
  const { broken, scenario } = whole;
  if (broken === undefined) return undefined;
  let smallest = whole;
  let tried = 0;
  await shrink(scenario, async (smaller) => {
    if (tried >= MOST_TRIED) return false;
    tried++;
    const checked = await checkScenario(smaller);
    // Another law on the way would lead elsewhere.
    if (checked.broken === undefined || !isAlike(checked.broken, broken)) return false;
    smallest = checked;
    return true;
  });
  return finding(smallest, whole, tried);
}

function finding({ scenario, broken }: Checked, { scenario: { steps } }: Checked, tried: number): Finding {
  return { ...(broken as Broken), scenario, tried, ofSteps: steps.length };
}

/** The same law, and of bugs the same place in memhp. */
function isAlike(one: Broken, other: Broken | undefined): boolean {
  return one.law === other?.law && (one.law !== "bugs" || placeOf(one) === placeOf(other));
}

function placeOf({ what }: Broken): string {
  return /^\s+at .*/m.exec(what)?.[0].replaceAll(/:\d+/g, "") ?? what;
}
