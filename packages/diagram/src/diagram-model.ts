import { actionNames, guardName, invokedName } from "./names.ts";
import type { StateKind, StateNode, Statechart, Transition } from "./statechart.ts";

export type { StateKind };

/** One state of a statechart. States refer to each other by `id`. */
export interface DiagramState {
  /** XState's id, unique in the machine: `light.red.walk`. */
  readonly id: string;
  /** Dotted path below the root: `red.walk`. */
  readonly path: string;
  /** Id of the state that it lies in; absent at the top. */
  readonly parent?: string;
  readonly kind: StateKind;
  /** Whether its parent begins here. */
  readonly initial: boolean;
  /** Empty where the machine says none. */
  readonly description: string;
  readonly tags: readonly string[];
  /** What the machine says of it besides, as it stands there; absent where that is nothing. */
  readonly meta?: Readonly<Record<string, unknown>>;
  /** Names of the actions that run when it is entered, and left. */
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  /** Actors that live while it is active; `id` where the machine gives one. */
  readonly invokes: readonly { readonly src: string; readonly id?: string }[];
  /** Of a history state: whether it remembers one level or all. */
  readonly history?: "shallow" | "deep";
}

/** One transition. The root's id may be its source or target. */
export interface DiagramEdge {
  readonly source: string;
  readonly target: string;
  /** XState's event descriptor; empty for an eventless (`always`) transition. */
  readonly event: string;
  /** Whether the source is left and entered anew, where that makes a difference. */
  readonly reenter: boolean;
  readonly guard?: string;
  /** Names of the actions that run on the way. */
  readonly actions: readonly string[];
  /** From a history state: where it leads while there is nothing to remember. */
  readonly fallback?: true;
  /** Present where the machine names no target: only actions run. `target` is the source then. */
  readonly internal?: true;
}

/** A statechart as plain data, in the order in which the machine is written. This is the JSON format of a diagram. */
export interface DiagramModel {
  readonly id: string;
  readonly kind: StateKind;
  readonly description: string;
  /** Of the machine itself. */
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly invokes: DiagramState["invokes"];
  readonly states: readonly DiagramState[];
  readonly edges: readonly DiagramEdge[];
}

/** Reads a machine's states and transitions. Nothing of the machine is run. */
export function diagramModel({ root }: Statechart): DiagramModel {
  const nodes = nodesOf(root);
  return {
    id: root.id,
    kind: root.type,
    description: root.description ?? "",
    entry: actionNames(root.entry),
    exit: actionNames(root.exit),
    invokes: root.invoke.map(invokeOf),
    states: nodes.filter((node) => node !== root).map(stateOf),
    edges: nodes.flatMap(edgesOf),
  };
}

function nodesOf(node: StateNode): StateNode[] {
  return [node, ...(Object.values(node.states) as StateNode[]).flatMap(nodesOf)];
}

function stateOf(node: StateNode): DiagramState {
  const { id, path, parent, type, description, tags, meta, entry, exit, history } = node;
  return {
    id,
    path: path.join("."),
    ...(parent === undefined || parent.parent === undefined ? {} : { parent: parent.id }),
    kind: type,
    initial: isInitial(node),
    description: description ?? "",
    tags: [...tags],
    ...(typeof meta === "object" && meta !== null ? { meta: meta as Readonly<Record<string, unknown>> } : {}),
    entry: actionNames(entry),
    exit: actionNames(exit),
    invokes: node.invoke.map(invokeOf),
    ...(type === "history" ? { history: history === "deep" ? "deep" : "shallow" } : {}),
  };
}

/** XState numbers an actor without an id of its own: `0.light.red`. */
function invokeOf(invoke: { readonly src?: unknown; readonly id?: unknown }): DiagramState["invokes"][number] {
  const src = invokedName(invoke);
  return typeof invoke.id === "string" && !/^\d+\./.test(invoke.id) ? { src, id: invoke.id } : { src };
}

/** `initial` may name a state further down; then the child on the way to it is meant. */
function isInitial(node: StateNode): boolean {
  const { parent } = node;
  if (parent === undefined || parent.type !== "compound") return false;
  const { target: targets } = (parent.initial ?? {}) as { readonly target?: readonly StateNode[] };
  const [target] = targets ?? [];
  return target !== undefined && node.path.every((key, depth) => target.path[depth] === key);
}

function edgesOf(node: StateNode): DiagramEdge[] {
  const transitions = [...node.transitions.values(), node.always ?? []].flat() as Transition[];
  return [...fallbackOf(node), ...transitions.flatMap((transition) => edgesOfTransition(node, transition))];
}

function edgesOfTransition(node: StateNode, transition: Transition): DiagramEdge[] {
  const { eventType: event, guard, target, reenter } = transition;
  const actions = actionNames(transition.actions);
  const more = { ...(guard === undefined ? {} : { guard: guardName(guard) }), actions };
  if (target === undefined)
    return [{ source: node.id, target: node.id, event, reenter: false, ...more, internal: true }];
  return target.map(({ id }) => ({ source: node.id, target: id, event, reenter, ...more }));
}

/** A history state's own target. Where it names none, its parent begins anew, which its initial state shows. */
function fallbackOf({ id, type, parent, config }: StateNode): DiagramEdge[] {
  const { target } = config as { readonly target?: string | readonly string[] };
  if (type !== "history" || target === undefined) return [];
  return [target].flat().flatMap((name) => {
    const found = name.startsWith("#") ? name.slice(1) : `${parent?.id}.${name.replace(/^\./, "")}`;
    return [{ source: id, target: found, event: "", reenter: false, actions: [], fallback: true as const }];
  });
}
