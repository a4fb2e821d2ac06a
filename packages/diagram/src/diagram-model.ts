import type { AnyStateMachine } from "xstate";
import { guardName } from "./guard-name.ts";

export type StateKind = "atomic" | "compound" | "parallel" | "final" | "history";

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
  /** Present where the machine names no target: only actions run. `target` is the source then. */
  readonly internal?: true;
}

/** A statechart as plain data, in the order in which the machine is written. This is the JSON format of a diagram. */
export interface DiagramModel {
  readonly id: string;
  readonly kind: StateKind;
  readonly description: string;
  readonly states: readonly DiagramState[];
  readonly edges: readonly DiagramEdge[];
}

// XState types its nodes with `any` inside; these are the parts read here.
interface StateNode {
  readonly id: string;
  readonly key: string;
  readonly path: readonly string[];
  readonly type: StateKind;
  readonly parent: StateNode | undefined;
  readonly states: Readonly<Record<string, StateNode>>;
  readonly initial: { readonly target: readonly StateNode[] | undefined } | undefined;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  readonly transitions: ReadonlyMap<string, readonly Transition[]>;
  readonly always: readonly Transition[] | undefined;
}

interface Transition {
  readonly target: readonly StateNode[] | undefined;
  readonly eventType: string;
  readonly reenter: boolean;
  readonly guard?: unknown;
}

/** Reads a machine's states and transitions. Nothing of the machine is run. */
export function diagramModel(machine: AnyStateMachine): DiagramModel {
  const root = machine.root as unknown as StateNode;
  const nodes = nodesOf(root);
  return {
    id: root.id,
    kind: root.type,
    description: root.description ?? "",
    states: nodes.filter((node) => node !== root).map(stateOf),
    edges: nodes.flatMap(edgesOf),
  };
}

function nodesOf(node: StateNode): StateNode[] {
  return [node, ...Object.values(node.states).flatMap(nodesOf)];
}

function stateOf(node: StateNode): DiagramState {
  const { id, path, parent, type, description, tags } = node;
  return {
    id,
    path: path.join("."),
    ...(parent === undefined || parent.parent === undefined ? {} : { parent: parent.id }),
    kind: type,
    initial: isInitial(node),
    description: description ?? "",
    tags: [...tags],
  };
}

/** `initial` may name a state further down; then the child on the way to it is meant. */
function isInitial(node: StateNode): boolean {
  const { parent } = node;
  if (parent === undefined || parent.type !== "compound") return false;
  const [target] = parent.initial?.target ?? [];
  return target !== undefined && node.path.every((key, depth) => target.path[depth] === key);
}

function edgesOf(node: StateNode): DiagramEdge[] {
  return [...node.transitions.values(), node.always ?? []].flat().flatMap((transition) => {
    const { eventType, guard, target, reenter } = transition;
    const guarded = guard === undefined ? {} : { guard: guardName(guard) };
    if (target === undefined) {
      return [
        { source: node.id, target: node.id, event: eventType, reenter: false, ...guarded, internal: true as const },
      ];
    }
    return target.map(({ id }) => ({ source: node.id, target: id, event: eventType, reenter, ...guarded }));
  });
}
