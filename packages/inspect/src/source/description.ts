import type { InspectedActor, InspectedState } from "./inspected-actor.ts";

/** What is known of an actor besides its states. */
export interface ActorDescription {
  /** Where it is counted while it is not looked at. */
  readonly group: string;
  /** By which it can be chosen. */
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** An actor as its describer sees it. */
export interface DescribedActor {
  readonly id: string;
  /** Id of the machine, where it is one. */
  readonly machine: string | undefined;
  readonly context: unknown;
}

/** Says what of an actor a choice may ask for. */
export type Describe = (actor: DescribedActor) => ActorDescription;

/**
 * The numbers and strings of a context are attributes. Actors are grouped by one of them (`lamp-3`), or by their machine.
 */
export function describeByContext(groupBy?: string): Describe {
  return ({ machine, context }) => {
    const attributes = plainFields(context);
    const value = groupBy === undefined ? undefined : attributes[groupBy];
    return { group: value === undefined ? (machine ?? "actors") : `${groupBy}-${value}`, attributes };
  };
}

export function describedActor({ id, logic }: InspectedActor, { context }: InspectedState): DescribedActor {
  return { id, machine: logic?.id, context };
}

function plainFields(context: unknown): Record<string, string | number> {
  if (typeof context !== "object" || context === null) return {};
  const fields = Object.entries(context).filter(
    (field): field is [string, string | number] => typeof field[1] === "string" || typeof field[1] === "number",
  );
  return Object.fromEntries(fields);
}
