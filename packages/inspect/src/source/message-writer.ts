import type { AnyEventObject } from "xstate";
import type { InspectionMessage } from "../protocol.ts";
import type { ActorIds } from "./actor-ids.ts";
import { boundedJson } from "./bounded-json.ts";
import type { InspectedActor, InspectedState } from "./inspected-actor.ts";
import type { StateCounts } from "./roll-up.ts";
import { type ActorHead, actorHead, actorText, definitionOf, eventText, nameOf, snapshotText, stateText } from "./stately-text.ts";

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
  readonly head: ActorHead;
  context: unknown;
  contextText: string;
}

/** Puts actors, events and states into the inspector's words. */
export class MessageWriter {
  private readonly options: WriterOptions;
  private readonly actors = new WeakMap<InspectedActor, Memory>();
  private readonly groups = new Map<string, { readonly id: string; readonly head: ActorHead }>();
  private event: AnyEventObject | undefined;
  private eventText = "";
  private readonly json: (value: unknown) => string;

  constructor(options: WriterOptions) {
    this.options = options;
    const actorId = (actor: InspectedActor): string => options.ids.of(actor);
    this.json = (value) => boundedJson(value, { actorId });
  }

  introduce(actor: InspectedActor, state: InspectedState): InspectionMessage {
    const memory = this.memory(actor);
    const at = this.options.now();
    return { kind: "actor", actor: memory.id, at, text: actorText(memory.head, at, this.state(memory, state)) };
  }

  received(actor: InspectedActor, event: AnyEventObject, sender: InspectedActor | undefined): InspectionMessage {
    const { id, head } = this.memory(actor);
    const at = this.options.now();
    const senderId = sender !== undefined && this.options.isShown(sender) ? this.options.ids.of(sender) : undefined;
    return { kind: "event", actor: id, at, text: eventText(head, at, this.eventJson(event), senderId) };
  }

  reached(actor: InspectedActor, state: InspectedState, event: AnyEventObject, ended: boolean): InspectionMessage {
    const memory = this.memory(actor);
    const at = this.options.now();
    const text = snapshotText(memory.head, at, this.eventJson(event), this.state(memory, state));
    return { kind: "snapshot", actor: memory.id, at, text, ...(ended ? { ended: true } : {}) };
  }

  /** A group of actors as if it were one, whose context is how many are in which state. */
  counted(group: string, counts: StateCounts, anew = false): InspectionMessage[] {
    const at = this.options.now();
    const isNew = anew || !this.groups.has(group);
    const { id, head } = this.groupOf(group);
    const state = `{"status":"active","context":${JSON.stringify(counts)}}`;
    const told: InspectionMessage = { kind: "snapshot", actor: id, at, text: snapshotText(head, at, '{"type":"inspection.counted"}', state) };
    return isNew ? [{ kind: "actor", actor: id, at, text: actorText(head, at, state) }, told] : [told];
  }

  private groupOf(group: string): { readonly id: string; readonly head: ActorHead } {
    let known = this.groups.get(group);
    if (known === undefined) {
      const id = this.options.ids.reserve(group);
      known = { id, head: actorHead({ sessionId: id, rootId: id, name: group, definition: JSON.stringify({ id: group }) }) };
      this.groups.set(group, known);
    }
    return known;
  }

  private memory(actor: InspectedActor): Memory {
    let memory = this.actors.get(actor);
    if (memory === undefined) {
      const { ids, isShown } = this.options;
      const parent = actor._parent;
      const head = actorHead({
        sessionId: ids.of(actor),
        rootId: ids.of(rootOf(actor)),
        ...(parent !== undefined && isShown(parent) ? { parentId: ids.of(parent) } : {}),
        name: nameOf(actor),
        definition: definitionOf(actor),
      });
      memory = { id: ids.of(actor), head, context: undefined, contextText: "null" };
      this.actors.set(actor, memory);
    }
    return memory;
  }

  /** Contexts are replaced, never altered, and often stay. */
  private state(memory: Memory, state: InspectedState): string {
    const { context } = state;
    if (context !== memory.context) {
      const { sanitizeContext } = this.options;
      memory.context = context;
      memory.contextText = this.json(sanitizeContext === undefined ? context : sanitizeContext(context));
    }
    return stateText(state, memory.contextText, this.json);
  }

  /** An event is told twice: when it arrives, and with the state that it led to. */
  private eventJson(event: AnyEventObject): string {
    if (event !== this.event) {
      const { sanitizeEvent } = this.options;
      this.event = event;
      this.eventText = this.json(sanitizeEvent === undefined ? event : sanitizeEvent(event));
    }
    return this.eventText;
  }
}

function rootOf(actor: InspectedActor): InspectedActor {
  let root = actor;
  while (root._parent !== undefined) root = root._parent;
  return root;
}
