import type { AnyEventObject } from "xstate";
import type { RawMessage } from "../packed-messages.ts";
import type { ActorIds } from "./actor-ids.ts";
import { boundedJson } from "./bounded-json.ts";
import { createEventTexts } from "./event-text.ts";
import type { InspectedActor, InspectedState } from "./inspected-actor.ts";
import type { StateCounts } from "./roll-up.ts";
import { createStateTexts, type StateTexts } from "./state-text.ts";
import { actorFields, commonFields, definitionOf, eventFields, nameOf, snapshotFields } from "./stately-text.ts";

export interface WriterOptions {
  readonly ids: ActorIds;
  readonly now: () => number;
  readonly sanitizeContext: ((context: unknown) => unknown) | undefined;
  readonly sanitizeEvent: ((event: AnyEventObject) => AnyEventObject) | undefined;
  /** Whether the viewer knows this actor, so that others may refer to it. */
  readonly isShown: (actor: InspectedActor) => boolean;
}

/** What is remembered of an actor between its messages, to write nothing twice. */
interface Memory {
  readonly id: string;
  readonly common: string;
  readonly states: StateTexts;
  context: unknown;
  contextText: string;
}

/** Puts actors, events and states into the inspector's words. */
export class MessageWriter {
  private readonly options: WriterOptions;
  private readonly actors = new WeakMap<InspectedActor, Memory>();
  private readonly groups = new Map<string, { readonly id: string; readonly common: string }>();
  private readonly machines = new WeakMap<object, StateTexts>();
  private readonly eventText: (event: AnyEventObject) => string;

  constructor(options: WriterOptions) {
    const { sanitizeEvent } = options;
    this.options = options;
    this.eventText = createEventTexts((event) =>
      boundedJson(sanitizeEvent === undefined ? event : sanitizeEvent(event)),
    );
  }

  introduce(actor: InspectedActor, state: InspectedState): RawMessage {
    const { ids, isShown, now } = this.options;
    const memory = this.memory(actor);
    const parent = actor._parent;
    const own = actorFields({
      name: nameOf(actor),
      ...(parent !== undefined && isShown(parent) ? { parentId: ids.of(parent) } : {}),
      definition: definitionOf(actor),
      snapshot: this.stateText(memory, state),
    });
    return { kind: "actor", actor: memory.id, at: now(), own, common: memory.common };
  }

  received(actor: InspectedActor, event: AnyEventObject, sender: InspectedActor | undefined): RawMessage {
    const { ids, isShown, now } = this.options;
    const { id, common } = this.memory(actor);
    const senderId = sender !== undefined && isShown(sender) ? ids.of(sender) : undefined;
    return { kind: "event", actor: id, at: now(), own: eventFields(this.eventText(event), senderId), common };
  }

  reached(actor: InspectedActor, state: InspectedState, event: AnyEventObject, ended: boolean): RawMessage {
    const memory = this.memory(actor);
    const own = snapshotFields(this.eventText(event), this.stateText(memory, state));
    return {
      kind: ended ? "last snapshot" : "snapshot",
      actor: memory.id,
      at: this.options.now(),
      own,
      common: memory.common,
    };
  }

  /** A group of actors as if it were one, whose context is how many are in which state. */
  counted(group: string, counts: StateCounts, anew = false): RawMessage[] {
    const at = this.options.now();
    const snapshot = `{"status":"active","context":${JSON.stringify(counts)}}`;
    let known = this.groups.get(group);
    const isNew = anew || known === undefined;
    if (known === undefined) {
      const id = this.options.ids.reserve(group);
      known = { id, common: commonFields(id, id) };
      this.groups.set(group, known);
    }
    const { id, common } = known;
    const told: RawMessage = {
      kind: "snapshot",
      actor: id,
      at,
      own: snapshotFields('{"type":"inspection.counted"}', snapshot),
      common,
    };
    if (!isNew) return [told];
    const own = actorFields({ name: group, definition: JSON.stringify({ id: group }), snapshot });
    return [{ kind: "actor", actor: id, at, own, common }, told];
  }

  private memory(actor: InspectedActor): Memory {
    let memory = this.actors.get(actor);
    if (memory === undefined) {
      const { ids } = this.options;
      const id = ids.of(actor);
      memory = {
        id,
        common: commonFields(id, ids.of(rootOf(actor))),
        states: this.statesOf(actor),
        context: undefined,
        contextText: "null",
      };
      this.actors.set(actor, memory);
    }
    return memory;
  }

  private statesOf({ logic }: InspectedActor): StateTexts {
    const key = logic ?? this;
    let states = this.machines.get(key);
    if (states === undefined) this.machines.set(key, (states = createStateTexts(boundedJson)));
    return states;
  }

  /** Contexts are replaced, never altered, and often stay. */
  private stateText(memory: Memory, state: InspectedState): string {
    const { context } = state;
    if (context !== memory.context) {
      const { sanitizeContext } = this.options;
      memory.context = context;
      memory.contextText = boundedJson(sanitizeContext === undefined ? context : sanitizeContext(context));
    }
    return memory.states.of(state, memory.contextText);
  }
}

function rootOf(actor: InspectedActor): InspectedActor {
  let root = actor;
  while (root._parent !== undefined) root = root._parent;
  return root;
}
