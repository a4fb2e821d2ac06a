import { callable, oneOf, record, wholeNumber } from "@memhp/abi";
import { type Actor, createActor, type InspectionEvent, type Observer, type Snapshot } from "xstate";
import { blockMachine, type BlockEvent, type BlockPorts, withPorts } from "./block-machine.ts";
import {
  blockLeaves,
  type BlockLeaf,
  type BlockTransitions,
  eventTypes,
  isEvent,
  leafOf,
  sampleEvent,
  valueOf,
} from "./table.ts";

/** A block whose statechart can be run: by a real actor, or by a row and the table. Both are the same fact. */
export interface BlockHandle {
  readonly block: number;
  readonly leaf: BlockLeaf;
  /** Takes one event. @throws RangeError where the state does not take it; nothing has changed. */
  send(event: BlockEvent): void;
  /** Ends the handle; its rest state stays with the caller. */
  release(): void;
}

/** A block, the state it is in, and its ports. */
export interface HandleInput {
  readonly block: number;
  readonly node: number;
  readonly leaf: BlockLeaf;
  readonly ports: BlockPorts;
}

/** Whoever looks at a block's actor, as XState's `inspect` takes it. */
export type BlockInspector = Observer<InspectionEvent> | ((event: InspectionEvent) => void);

function unexpected(block: number, leaf: BlockLeaf, taken: readonly string[], event: unknown): RangeError {
  const allowed = `one that block ${block} takes in ${leaf} (${taken.join(", ") || "none"})`;
  const { type } = Object(event) as { readonly type?: unknown };
  return new RangeError(`send: event: expected ${allowed}, found ${String(type ?? event)}`);
}

/** @throws RangeError, TypeError */
function checkInput(place: string, { block, node, ports }: HandleInput): void {
  wholeNumber(`${place}: block`, block);
  wholeNumber(`${place}: node`, node);
  record(`${place}: ports`, ports);
  callable(`${place}: ports.perform`, ports["perform"]);
}

/**
 * Revives a block as an XState actor in the given state, or where a persisted snapshot left it, which goes on from there.
 * `id` is what the inspector shows.
 * @throws RangeError, TypeError
 */
export function reviveActor(
  input: HandleInput,
  options: {
    readonly id?: string;
    readonly inspect?: BlockInspector;
    /** What `actor.getPersistedSnapshot()` gave; `leaf` does not count then. */
    readonly snapshot?: Snapshot<unknown>;
  } = {},
): BlockHandle & { readonly actor: Actor<typeof blockMachine> } {
  record("reviveActor", input);
  checkInput("reviveActor", input);
  const { block, node, ports } = input;
  if (options.snapshot === undefined) oneOf("reviveActor: leaf", input.leaf, blockLeaves());
  const atRest = (): Snapshot<unknown> =>
    blockMachine.resolveState({
      value: valueOf(input.leaf) as never,
      context: { block, node, onlineType: null, refusal: null },
    });
  const actor = createActor(withPorts(ports), {
    snapshot: options.snapshot ?? atRest(),
    input: { block, node },
    systemId: options.id ?? `block-${block}`,
    id: options.id ?? `block-${block}`,
    ...(options.inspect === undefined ? {} : { inspect: options.inspect }),
  });
  actor.start();
  return {
    block,
    actor,
    get leaf() {
      return leafOf(actor.getSnapshot().value);
    },
    send(event) {
      const snapshot = actor.getSnapshot();
      if (!isEvent(event) || !snapshot.can(event)) {
        const taken = eventTypes.filter((type) => snapshot.can(sampleEvent(type)));
        throw unexpected(block, leafOf(snapshot.value), taken, event);
      }
      actor.send(event);
    },
    release: () => actor.stop(),
  };
}

/** Runs a block from the table, for blocks that nobody watches. @throws RangeError, TypeError */
export function rowHandle(table: BlockTransitions, input: HandleInput): BlockHandle {
  record("rowHandle", input);
  checkInput("rowHandle", input);
  return new RowHandle(table, input);
}

/** A class: one is opened for each block of a bulk change. */
class RowHandle implements BlockHandle {
  readonly block: number;
  readonly #table: BlockTransitions;
  readonly #ports: BlockPorts;
  #current: number;

  constructor(table: BlockTransitions, { block, leaf, ports }: HandleInput) {
    this.block = block;
    this.#table = table;
    this.#ports = ports;
    this.#current = table.indexOf(leaf);
  }

  get leaf(): BlockLeaf {
    return this.#table.leaves[this.#current] as BlockLeaf;
  }

  send(event: BlockEvent): void {
    const edge = isEvent(event) ? this.#table.edge(this.#current, event.type) : undefined;
    if (edge === undefined) {
      const taken = eventTypes.filter((type) => this.#table.edge(this.#current, type) !== undefined);
      throw unexpected(this.block, this.leaf, taken, event);
    }
    this.#current = edge.target;
    if (edge.step !== undefined) this.#ports.perform(edge.step, this.block);
  }

  release(): void {}
}
