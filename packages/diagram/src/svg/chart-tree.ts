import { behaviourLines, shownName, stateWords } from "../behaviour.ts";
import type { DiagramModel, DiagramState, StateKind } from "../diagram-model.ts";

/** A state in its place. The tree of stops, walked in order, is the picture from top to bottom. */
export interface Stop {
  readonly id: string;
  readonly path: string;
  readonly name: string;
  readonly description: string;
  /** The description with what the machine says besides. */
  readonly words: string;
  /** What it does: entry, invoked actors, exit. */
  readonly behaviour: readonly string[];
  readonly kind: StateKind;
  /** The root of the tree is the sheet of paper; it is no state. */
  readonly parent: Stop | undefined;
  readonly children: readonly Stop[];
  /** Place in the walk. */
  readonly order: number;
  readonly depth: number;
}

export interface ChartTree {
  readonly sheet: Stop;
  /** Every state, by its id, in the order of the walk. */
  readonly stops: ReadonlyMap<string, Stop>;
}

/**
 * Places the states: in the order of the machine, but with the initial one first. The machine itself becomes
 * a box only where a transition begins or ends at it, or where its states are parallel.
 */
export function chartTree(model: DiagramModel): ChartTree {
  const stops = new Map<string, Stop>();
  const framed =
    model.kind === "parallel" ||
    hasBehaviour(model) ||
    model.edges.some(({ source, target }) => source === model.id || target === model.id);
  let order = 0;

  function place(
    state: Omit<DiagramState, "initial" | "tags" | "parent">,
    parent: Stop | undefined,
    inside: readonly DiagramState[],
  ): Stop {
    const children: Stop[] = [];
    const { id, path, kind, description } = state;
    const name = path === "" ? id : shownName(state);
    const stop: Stop = {
      id,
      path,
      name,
      description,
      words: stateWords(state),
      behaviour: behaviourLines(state),
      kind,
      parent,
      children,
      order: order++,
      depth: parent === undefined ? 0 : parent.depth + 1,
    };
    if (parent !== undefined) stops.set(id, stop);
    for (const child of initialFirst(inside)) {
      children.push(
        place(
          child,
          stop,
          model.states.filter((state) => state.parent === child.id),
        ),
      );
    }
    return stop;
  }

  const top = model.states.filter((state) => state.parent === undefined);
  const { id, kind, description, entry, exit, invokes } = model;
  const root = { id, path: "", kind, description, entry, exit, invokes };
  if (!framed) return { sheet: place(root, undefined, top), stops };
  const children: Stop[] = [];
  const sheet: Stop = {
    id: "",
    path: "",
    name: "",
    description: "",
    words: "",
    behaviour: [],
    kind: "atomic",
    parent: undefined,
    children,
    order: order++,
    depth: 0,
  };
  children.push(place(root, sheet, top));
  return { sheet, stops };
}

function initialFirst(states: readonly DiagramState[]): DiagramState[] {
  return [...states.filter((state) => state.initial), ...states.filter((state) => !state.initial)];
}

export function isWithin(stop: Stop, other: Stop): boolean {
  for (let at: Stop | undefined = stop; at !== undefined; at = at.parent) if (at === other) return true;
  return false;
}

/** The innermost box that holds both and is neither. */
export function commonParent(a: Stop, b: Stop): Stop {
  let box = a.parent as Stop;
  while (!isWithin(b, box) || box === b) box = box.parent as Stop;
  return box;
}

function hasBehaviour(model: DiagramModel): boolean {
  return behaviourLines(model).length > 0;
}
