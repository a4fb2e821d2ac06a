import { Prng } from "@memhp/engine";
import { SweepError } from "./sweep-error.ts";
import { MAX_RUNS, type ParameterSpec, type SearchSpec } from "./sweep-schema.ts";

/** The values of one run by the names of their parameters. */
export type Parameters = Readonly<Record<string, unknown>>;

/** All combinations of parameters that a sweep tries, by number. */
export interface ParameterSpace {
  readonly size: number;
  at(index: number): Parameters;
}

type Range = Exclude<ParameterSpec, readonly unknown[]>;

/** @throws SweepError */
export function parameterSpace(
  parameters: Readonly<Record<string, ParameterSpec>>,
  search: SearchSpec,
): ParameterSpace {
  const named = Object.entries(parameters);
  for (const [name, spec] of named) checkRange(name, spec);
  return search === "grid" ? grid(named) : drawn(named, search);
}

function isList(spec: ParameterSpec): spec is readonly unknown[] {
  return Array.isArray(spec);
}

function checkRange(name: string, spec: ParameterSpec): void {
  if (!isList(spec) && spec.to < spec.from)
    throw new SweepError(`parameters.${name}: to (${spec.to}) lies below from (${spec.from})`);
}

function valueOf({ whole, unit }: Range, number: number): unknown {
  const value = whole === true ? Math.round(number) : number;
  return unit === undefined ? value : `${value}${unit}`;
}

/** The last parameter changes fastest. */
function grid(named: readonly (readonly [string, ParameterSpec])[]): ParameterSpace {
  const axes = named.map(([name, spec]) => [name, isList(spec) ? spec : stepsOf(name, spec)] as const);
  const size = axes.reduce((product, [, values]) => product * values.length, 1);
  return {
    size,
    at(index) {
      const chosen: [string, unknown][] = [];
      let rest = index;
      for (const [name, values] of axes.toReversed()) {
        chosen.push([name, values[rest % values.length]]);
        rest = Math.floor(rest / values.length);
      }
      return Object.fromEntries(chosen.toReversed());
    },
  };
}

function stepsOf(name: string, range: Range): unknown[] {
  const { from, to, step } = range;
  if (step === undefined)
    throw new SweepError(`parameters.${name}: a grid needs step, or a list of values (or search: {random: N})`);
  const count = stepCount({ from, to }, step);
  if (count > MAX_RUNS) throw new SweepError(`parameters.${name}: ${count} values are too many (at most ${MAX_RUNS})`);
  return Array.from({ length: count }, (_, i) => stepAt(range, step, i));
}

/** A little more than a whole number of steps is rounding: 0 to 1 by 0.1 ends with 1. */
function stepCount({ from, to }: Pick<Range, "from" | "to">, step: number): number {
  return Math.floor((to - from) / step + 1e-9) + 1;
}

function stepAt(range: Range, step: number, i: number): unknown {
  return valueOf(range, Number((range.from + i * step).toPrecision(12)));
}

function drawn(
  named: readonly (readonly [string, ParameterSpec])[],
  search: Exclude<SearchSpec, "grid">,
): ParameterSpace {
  const isLatin = "latin" in search;
  const size = isLatin ? search.latin : search.random;
  const prng = new Prng(search.seed ?? 0);
  const axes = named.map(([name, spec]) => {
    const places = isLatin ? strata(size, prng) : Array.from({ length: size }, () => prng.next());
    return [name, places.map((place) => valueAt(spec, place))] as const;
  });
  return { size, at: (index) => Object.fromEntries(axes.map(([name, values]) => [name, values[index]])) };
}

/** A place in each of `size` equal parts of [0, 1), in an order of its own. */
function strata(size: number, prng: Prng): number[] {
  const order = Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const j = prng.below(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order.map((stratum) => (stratum + prng.next()) / size);
}

function valueAt(spec: ParameterSpec, place: number): unknown {
  if (isList(spec)) return spec[Math.floor(place * spec.length)];
  const { step } = spec;
  if (step !== undefined) return stepAt(spec, step, Math.floor(place * stepCount(spec, step)));
  // Whole numbers are equally likely, the first and the last as well.
  if (spec.whole === true) return valueOf(spec, Math.floor(spec.from + place * (spec.to - spec.from + 1)));
  return valueOf(spec, spec.from + place * (spec.to - spec.from));
}
