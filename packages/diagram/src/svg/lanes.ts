/** A stretch that a lane is taken for, from top to bottom. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Two arrows in one lane keep this distance, in pixels. */
const APART = 10;

/**
 * Gives each stretch a lane, counted from 0 at the states outwards: short ways stay close, and no two stretches share a
 * place.
 */
export function assignLanes(stretches: readonly Stretch[]): number[] {
  const lanes: Stretch[][] = [];
  const assigned: number[] = Array.from({ length: stretches.length }, () => 0);
  const byLength = stretches
    .map((stretch, index) => ({ stretch, index }))
    .sort((a, b) => length(a.stretch) - length(b.stretch) || a.index - b.index);
  for (const { stretch, index } of byLength) {
    const free = lanes.findIndex((taken) =>
      taken.every((other) => other.to + APART < stretch.from || stretch.to + APART < other.from),
    );
    const lane = free === -1 ? lanes.length : free;
    (lanes[lane] ??= []).push(stretch);
    assigned[index] = lane;
  }
  return assigned;
}

function length({ from, to }: Stretch): number {
  return to - from;
}
