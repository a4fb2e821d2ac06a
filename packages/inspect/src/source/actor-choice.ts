/** A value, or all numbers from the first to the second. */
export type ChosenValue = string | number | readonly [from: number, to: number];

/** All that is given must hold. */
export interface ActorFilter {
  /** Ids given to the actors: `createActor(machine, { id })`. */
  readonly ids?: readonly string[];
  /** Attributes and the values that they may have. */
  readonly attributes?: Readonly<Record<string, readonly ChosenValue[]>>;
  /** Paths of states; a state means all within it, too. */
  readonly states?: readonly string[];
}

/** Which actors are looked at one by one, as plain data that can go to a worker: one filter, or any of several. */
export type ActorChoice = ActorFilter | readonly ActorFilter[];

/** What a choice can know of an actor, or of something that may become one. */
export interface ActorCandidate {
  readonly id: string;
  readonly group: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Paths of the states that it is in; more than one where states are parallel. */
  readonly states: readonly string[];
}

/** Whether a choice takes an actor. */
export function isChosen(choice: ActorChoice, candidate: ActorCandidate): boolean {
  return filtersOf(choice).some(
    ({ ids, attributes, states }) =>
      (ids === undefined || ids.includes(candidate.id)) &&
      (attributes === undefined ||
        Object.entries(attributes).every(([name, values]) => hasValue(candidate.attributes[name], values))) &&
      (states === undefined || candidate.states.some((path) => states.some((state) => isIn(path, state)))),
  );
}

/** Whether an actor may become chosen, or cease to be, while it lives. */
export function dependsOnState(choice: ActorChoice): boolean {
  return filtersOf(choice).some(({ states }) => states !== undefined);
}

function filtersOf(choice: ActorChoice): readonly ActorFilter[] {
  return Array.isArray(choice) ? (choice as readonly ActorFilter[]) : [choice as ActorFilter];
}

function hasValue(value: string | number | undefined, values: readonly ChosenValue[]): boolean {
  return (
    value !== undefined &&
    values.some((chosen) =>
      typeof chosen === "object"
        ? typeof value === "number" && chosen[0] <= value && value <= chosen[1]
        : chosen === value,
    )
  );
}

function isIn(path: string, state: string): boolean {
  return path === state || (path.startsWith(state) && path[state.length] === ".");
}
