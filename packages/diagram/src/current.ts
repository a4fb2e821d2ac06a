import type { DiagramModel } from "./diagram-model.ts";

/** `snapshot.value` of XState: `{ red: "walk" }`, or with parallel states `{ sound: "muted", track: "playing" }`. */
export type StateValue = string | { readonly [state: string]: StateValue | undefined };

/** The states that a machine is in: paths (`red.walk`), several where states are parallel, or a snapshot's value. */
export type Current = string | readonly string[] | StateValue;

/** Paths of the innermost states that are meant. */
function pathsOf(current: Current): string[] {
  if (typeof current === "string") return [current];
  if (Array.isArray(current)) return current as string[];
  return Object.entries(current as Readonly<Record<string, StateValue | undefined>>).flatMap(([state, inner]) => {
    const below = inner === undefined ? [] : pathsOf(inner);
    return below.length === 0 ? [state] : below.map((path) => `${state}.${path}`);
  });
}

/**
 * Ids of the states meant and of all around them.
 * @throws RangeError for a state that the machine does not have
 */
export function activeIds(model: DiagramModel, current: Current | undefined): Set<string> {
  const active = new Set<string>();
  if (current === undefined) return active;
  for (const path of pathsOf(current)) {
    let state = model.states.find((state) => state.path === path);
    if (state === undefined)
      throw new RangeError(`the machine ${JSON.stringify(model.id)} has no state ${JSON.stringify(path)}`);
    active.add(model.id);
    while (state !== undefined) {
      active.add(state.id);
      const { parent }: { parent?: string } = state;
      state = model.states.find(({ id }) => id === parent);
    }
  }
  return active;
}

/** Of these, the ones that have no active state inside: they carry the mark. */
export function innermostIds(model: DiagramModel, active: ReadonlySet<string>): Set<string> {
  const around = new Set(model.states.flatMap(({ id, parent }) => (active.has(id) ? (parent ?? []) : [])));
  return new Set(model.states.flatMap(({ id }) => (active.has(id) && !around.has(id) ? [id] : [])));
}
