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
  /** It may be that it can be made smaller yet: there was no time to try, or enough had been tried. */
  readonly isUnfinished?: true;
}

/** Who hears of a case under way, and what ends it. */
export interface FuzzCaseOptions {
  /** Hears of a finding after each try to make it smaller, as it would be told now. */
  readonly onFinding?: (soFar: FuzzResult) => void;
  /** Gives the case up, between two steps. */
  readonly signal?: AbortSignal | undefined;
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
 * The scenario of a case, before anything is tried.
 * @throws RangeError for a kernel that is not known
 */
export function fuzzScenario({ kernel: id, seed }: FuzzCase): PlainScenario {
  const kernel = fuzzKernels.find((each) => each.id === id);
  if (kernel === undefined) throw new RangeError(`unknown kernel ${JSON.stringify(id)}`);
  const [drawn] = fc.sample(randomScenario(kernel, `fuzz ${id} ${seed}`), { seed, numRuns: 1 });
  return drawn as PlainScenario;
}

/**
 * Draws a case's scenario, plays it in every way, and makes it smaller where a law does not hold.
 * @throws RangeError for a kernel that is not known, and the reason of a signal
 */
export async function runFuzzCase(
  { number, kernel, seed }: FuzzCase,
  { onFinding, signal }: FuzzCaseOptions = {},
): Promise<FuzzResult> {
  const checked = await checkScenario(fuzzScenario({ number, kernel, seed }), { signal });
  const { operations, refused, checks, ended } = checked;
  const result = { number, kernel, seed, operations, refused, checks, ...(ended === undefined ? {} : { ended }) };
  if (checked.broken === undefined) return result;
  return {
    ...result,
    finding: await smallestOf(checked, (soFar) => onFinding?.({ ...result, finding: soFar }), signal),
  };
}

async function smallestOf(
  whole: Checked,
  tell: (soFar: Finding) => void,
  signal: AbortSignal | undefined,
): Promise<Finding> {
  const { broken, scenario } = whole;
  let smallest = whole;
  let tried = 0;
  tell(finding(whole, whole, tried, true));
  await shrink(scenario, async (smaller) => {
    if (tried >= MOST_TRIED) return false;
    tried++;
    const checked = await checkScenario(smaller, { signal });
    // Another law on the way would lead elsewhere.
    const isSmaller = checked.broken !== undefined && isAlike(checked.broken, broken);
    if (isSmaller) smallest = checked;
    tell(finding(smallest, whole, tried, true));
    return isSmaller;
  });
  return finding(smallest, whole, tried, tried >= MOST_TRIED);
}

function finding(
  { scenario, broken }: Checked,
  { scenario: { steps } }: Checked,
  tried: number,
  isUnfinished: boolean,
): Finding {
  const found = { ...(broken as Broken), scenario, tried, ofSteps: steps.length };
  return isUnfinished ? { ...found, isUnfinished } : found;
}

/** The same law, and of bugs the same place in memhp. */
function isAlike(one: Broken, other: Broken | undefined): boolean {
  return one.law === other?.law && (one.law !== "bugs" || placeOf(one) === placeOf(other));
}

function placeOf({ what }: Broken): string {
  return /^\s+at .*/m.exec(what)?.[0].replaceAll(/:\d+/g, "") ?? what;
}
