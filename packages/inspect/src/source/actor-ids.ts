import type { InspectedActor } from "./inspected-actor.ts";

/** Gives every actor of a source an id that no other actor of any source has at that time. */
export interface ActorIds {
  /** `w1/light`, or `w1/light/lamp` for its child. The same actor always has the same id. */
  of(actor: InspectedActor): string;
  /** Takes an id for something that is no actor. */
  reserve(name: string): string;
  /** The actor has ended: the next actor of that name takes its id over and continues it. */
  end(actor: InspectedActor): void;
}

/** XState's own session ids begin at `x:0` in every thread, so they tell nothing apart. */
export function createActorIds(source: string): ActorIds {
  const ids = new WeakMap<InspectedActor, string>();
  const taken = new Set<string>();

  function take(wish: string): string {
    let id = wish;
    for (let i = 2; taken.has(id); i++) id = `${wish}#${i}`;
    taken.add(id);
    return id;
  }

  function of(actor: InspectedActor): string {
    const known = ids.get(actor);
    if (known !== undefined) return known;
    const id = take(`${actor._parent === undefined ? source : of(actor._parent)}/${actor.id}`);
    ids.set(actor, id);
    return id;
  }

  return {
    of,
    reserve: (name) => take(`${source}/${name}`),
    end(actor) {
      const id = ids.get(actor);
      if (id !== undefined) taken.delete(id);
    },
  };
}
