import { oneOf } from "@memhp/abi";
import { type AnyMachineSnapshot, type AnyStateMachine, transition } from "xstate";
import { blockMachine, type BlockEvent, blockSteps, type BlockStep } from "./block-machine.ts";

/** Leaf states of the block's statechart, as dotted paths: `going_offline.migrating`. */
export type BlockLeaf = string;

interface Edge {
  readonly target: number;
  readonly step: BlockStep | undefined;
}

/** The block's statechart as a table: what XState itself answers for every leaf state and event. */
export interface BlockTransitions {
  readonly leaves: readonly BlockLeaf[];
  /** Index of a leaf. @throws RangeError for an unknown one. */
  indexOf(leaf: BlockLeaf): number;
  /** The edge, or undefined where the state ignores the event. */
  edge(leaf: number, event: BlockEvent["type"]): Edge | undefined;
}

export const eventTypes: readonly BlockEvent["type"][] = ["ONLINE", "OFFLINE", "REMOVE", "DONE", "AGAIN", "FAILED"];
const sampleRefusal = { errno: "EBUSY", code: "unmovable_page", rule: "", retry: "no", remedy: [] } as const;

export function sampleEvent(type: BlockEvent["type"]): BlockEvent {
  if (type === "ONLINE") return { type, onlineType: "online" };
  if (type === "FAILED") return { type, refusal: sampleRefusal };
  return { type };
}

/** Whether something is an event at all. */
export function isEvent(event: unknown): event is BlockEvent {
  return typeof event === "object" && event !== null && "type" in event;
}

/** Dotted path of a snapshot's value. */
export function leafOf(value: unknown): BlockLeaf {
  if (typeof value === "string") return value;
  const [key, inner] = Object.entries(value as Record<string, unknown>)[0] ?? ["", ""];
  return `${key}.${leafOf(inner)}`;
}

/** A state value for a dotted path. */
export function valueOf(leaf: BlockLeaf): string | Record<string, unknown> {
  const [head, ...rest] = leaf.split(".");
  return rest.length === 0 ? (head as string) : { [head as string]: valueOf(rest.join(".")) };
}

function assertTabular(machine: AnyStateMachine): BlockLeaf[] {
  const leaves: BlockLeaf[] = [];
  const visit = (node: AnyStateMachine["root"]): void => {
    if (node.type === "parallel" || node.type === "history")
      throw new Error(`memhp bug: ${node.id} is ${node.type}; a table cannot run it`);
    if (node.invoke.length > 0 || (node.always?.length ?? 0) > 0 || node.after.length > 0) {
      throw new Error(`memhp bug: ${node.id} has invoke, always or after; a table cannot run it`);
    }
    for (const transitions of node.transitions.values()) {
      if (transitions.some((t: { guard?: unknown }) => t.guard !== undefined))
        throw new Error(`memhp bug: ${node.id} has a guard; a table cannot run it`);
    }
    const children = Object.values<AnyStateMachine["root"]>(node.states);
    if (children.length === 0) leaves.push(node.path.join("."));
    for (const child of children) visit(child);
  };
  visit(machine.root);
  return leaves;
}

let known: readonly BlockLeaf[] | undefined;

/** Leaf states of the block's statechart. */
export function blockLeaves(): readonly BlockLeaf[] {
  return (known ??= assertTabular(blockMachine));
}

/** Of the block's own statechart, which every machine of a process shares. */
let compiled: BlockTransitions | undefined;

/**
 * Asks XState for every leaf and event once and keeps the answers. Refuses a machine whose
 * answers could depend on anything but the leaf (guards, timers, invoked actors, parallel states).
 */
export function compileTable(machine: typeof blockMachine = blockMachine): BlockTransitions {
  return machine === blockMachine ? (compiled ??= tableOf(machine)) : tableOf(machine);
}

function tableOf(machine: typeof blockMachine): BlockTransitions {
  const leaves = assertTabular(machine);
  const index = new Map(leaves.map((leaf, i) => [leaf, i]));
  const edges = leaves.map((leaf) => {
    const snapshot = machine.resolveState({
      value: valueOf(leaf) as never,
      context: { block: 0, node: 0, onlineType: null, refusal: null },
    });
    return new Map(
      eventTypes.flatMap((type): [BlockEvent["type"], Edge][] => {
        if (snapshot.status !== "active" || !snapshot.can(sampleEvent(type))) return [];
        const [next, actions] = transition(machine, snapshot, sampleEvent(type)) as [
          AnyMachineSnapshot,
          readonly { type: string; params?: unknown }[],
        ];
        const steps = actions
          .filter((action) => action.type === "perform")
          .map((action) => (action.params as { step: BlockStep }).step);
        if (steps.length > 1 || steps.some((step) => !blockSteps.includes(step)))
          throw new Error(`memhp bug: ${leaf} on ${type} performs ${steps.join(", ")}`);
        return [[type, { target: index.get(leafOf(next.value)) as number, step: steps[0] }]];
      }),
    );
  });
  return {
    leaves,
    indexOf(leaf) {
      const i = index.get(leaf);
      if (i === undefined) oneOf("leaf", leaf, leaves);
      return i as number;
    },
    edge: (leaf, event) => edges[leaf]?.get(event),
  };
}
