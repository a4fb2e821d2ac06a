import { knownOptions } from "@memhp/abi";
import type { AnyActorRef, AnyEventObject, InspectionEvent, Observer } from "xstate";
import type { RawMessage } from "../packed-messages.ts";
import type { InspectionBatch, InspectionControl } from "../protocol.ts";
import { type ActorCandidate, type ActorChoice, dependsOnState, isChosen } from "./actor-choice.ts";
import { createActorIds } from "./actor-ids.ts";
import { describedActor, describeByContext, type Describe } from "./description.ts";
import { type InspectedActor, type InspectedState, outerState, statesOf } from "./inspected-actor.ts";
import { MessageWriter } from "./message-writer.ts";
import { createOutbox } from "./outbox.ts";
import { Places } from "./places.ts";
import { RollUp, type StateCounts } from "./roll-up.ts";

/** Which actors of a thread are shown, and where their messages go. */
export interface InspectionSourceOptions {
  /** Name of this worker or shard; begins the ids of its actors. No two sources of a hub have the same. */
  readonly workerId: string;
  /**
   * Takes a batch to the hub. It is never waited for. `false`, an exception or a rejected promise mean that it was not taken.
   */
  readonly send: (batch: InspectionBatch) => unknown;
  /** Who is looked at one by one; all, unless told otherwise. */
  readonly choose?: ActorChoice | ((candidate: ActorCandidate) => boolean);
  /** How many at most; the others are counted by group. 50 unless told otherwise. */
  readonly limit?: number;
  /** The attribute by which actors are grouped; by their machine unless told otherwise. */
  readonly groupBy?: string;
  /** Group and attributes of an actor, where its context does not say them. */
  readonly describe?: Describe;
  /** Milliseconds since 1970, or a simulated clock; `Date.now` unless told otherwise. */
  readonly now?: () => number;
  /** As in the official inspector: what of a context may be seen. */
  readonly sanitizeContext?: (context: unknown) => unknown;
  readonly sanitizeEvent?: (event: AnyEventObject) => AnyEventObject;
  /** A batch is sent as soon as it has this many messages: 256. */
  readonly batchSize?: number;
  /** More messages than this do not wait to be sent: 20,000. The hub learns how many were lost. */
  readonly maxQueued?: number;
  /** More batches than this do not wait to be received by the hub; for transports with a way back. */
  readonly maxUnderway?: number;
  /** Runs the next sending some time later: after 20 ms. */
  readonly schedule?: (run: () => void) => void;
}

/** The side of the bridge where the actors are. */
export interface InspectionSource {
  /** For `createActor(machine, { inspect: source.inspect })`. */
  readonly inspect: Observer<InspectionEvent>;
  /** Looks at an actor that runs already, and at all of its system. */
  attach(actor: AnyActorRef): void;
  /** Whether something that is no actor yet would be looked at if it became one. */
  wants(candidate: ActorCandidate): boolean;
  /** Counts of those of a group that are no actors; they are added to the actors that are only counted. */
  tally(group: string, counts: StateCounts): void;
  /** What the hub says. */
  control(message: InspectionControl): void;
  /** Sends now what there is. */
  flush(): void;
  /** Sends the last batch and looks at nothing any more. */
  close(): void;
  /** How many messages were made but never sent. */
  readonly dropped: number;
}

interface Known {
  readonly actor: InspectedActor;
  readonly group: string;
  readonly attributes: ActorCandidate["attributes"];
  shown: boolean;
  /** The state as which it is counted while it is not shown. */
  state: string;
}

const CHOSEN: AnyEventObject = { type: "inspection.chosen" };
const UNCHOSEN: AnyEventObject = { type: "inspection.unchosen" };

const OPTIONS: Readonly<Record<keyof InspectionSourceOptions, true>> = {
  workerId: true,
  send: true,
  choose: true,
  limit: true,
  groupBy: true,
  describe: true,
  now: true,
  sanitizeContext: true,
  sanitizeEvent: true,
  batchSize: true,
  maxQueued: true,
  maxUnderway: true,
  schedule: true,
};

/** Watches the actors of one thread, and sends what a hub wants of them. */
export function createInspectionSource(options: InspectionSourceOptions): InspectionSource {
  knownOptions("createInspectionSource: options", options, OPTIONS);
  const { workerId, limit = 50, sanitizeContext, sanitizeEvent } = options;
  const describe = options.describe ?? describeByContext(options.groupBy);
  let choice = options.choose ?? {};
  const known = new Map<InspectedActor, Known>();
  const shown = new Map<string, Known>();
  const systems = new WeakSet();
  const attached: { unsubscribe(): void }[] = [];
  const ids = createActorIds(workerId);
  const places = new Places(limit);
  const rollUp = new RollUp(() => outbox.wake());
  const isShown = (actor: InspectedActor): boolean => known.get(actor)?.shown === true;
  const writer = new MessageWriter({ ids, now: options.now ?? Date.now, sanitizeContext, sanitizeEvent, isShown });
  let closed = false;

  const outbox = createOutbox({
    source: workerId,
    send: options.send,
    batchSize: options.batchSize ?? 256,
    maxQueued: options.maxQueued ?? 20_000,
    maxUnderway: options.maxUnderway ?? Infinity,
    schedule: options.schedule ?? ((run) => void setTimeout(run, 20)),
    beforeSending() {
      endFailed();
      for (const group of rollUp.takeChanged())
        for (const message of writer.counted(group, rollUp.counts(group))) outbox.push(message);
    },
    picture,
    wanted: () => places.wanted,
  });

  function chosen(candidate: ActorCandidate): boolean {
    return typeof choice === "function" ? choice(candidate) : isChosen(choice, candidate);
  }

  /** Whether an actor shall be shown; takes a place for it if so. */
  function judge({ actor, group, attributes }: Known, state: InspectedState): boolean {
    return chosen({ id: actor.id, group, attributes, states: statesOf(state) }) && places.take(ids.of(actor));
  }

  function meet(actor: InspectedActor, state: InspectedState): Known {
    const { group, attributes } = describe(describedActor(actor, state));
    const one: Known = { actor, group, attributes, shown: false, state: outerState(state) };
    known.set(actor, one);
    systems.add(actor.system);
    if (judge(one, state)) show(one, state);
    else rollUp.move(group, undefined, one.state);
    return one;
  }

  function show(one: Known, state: InspectedState): void {
    one.shown = true;
    shown.set(ids.of(one.actor), one);
    outbox.push(writer.introduce(one.actor, state));
  }

  /** The inspector has no word for an actor that is looked at no more; it shows it as stopped. */
  function unshow(one: Known | undefined): void {
    const state = one?.actor.getSnapshot();
    if (one?.shown !== true || state === undefined) return;
    outbox.push(writer.reached(one.actor, { ...state, status: "stopped" }, UNCHOSEN, true));
    one.shown = false;
    shown.delete(ids.of(one.actor));
    one.state = outerState(state);
    rollUp.move(one.group, undefined, one.state);
  }

  function forget(one: Known): void {
    const { actor } = one;
    if (!one.shown) rollUp.move(one.group, one.state, undefined);
    // An actor without a name of its own never comes back.
    if (actor.id === actor.sessionId) places.leave(ids.of(actor));
    if (one.shown) shown.delete(ids.of(actor));
    known.delete(actor);
    ids.end(actor);
  }

  function onEvent(actor: InspectedActor, event: AnyEventObject, sender: InspectedActor | undefined): void {
    let one = known.get(actor);
    if (one === undefined) {
      const state = actor.getSnapshot();
      // What is sent to an actor that has ended is of no account; one may also end as it begins.
      if (state === undefined || (state.status !== "active" && event.type !== "xstate.init")) return;
      one = meet(actor, state);
    }
    if (one.shown) outbox.push(writer.received(actor, event, sender));
    // An actor that fails tells its parent, and says no more itself.
    if (sender !== undefined && event.type.startsWith("xstate.error.actor.")) fail(sender, event);
  }

  function onState(actor: InspectedActor, state: InspectedState, event: AnyEventObject): void {
    let one = known.get(actor);
    const ended = state.status !== "active";
    if (one === undefined) {
      if (ended) return;
      one = meet(actor, state);
    }
    if (!one.shown && !ended) {
      const now = outerState(state);
      rollUp.move(one.group, one.state, now);
      one.state = now;
      if ((typeof choice === "function" || dependsOnState(choice)) && judge(one, state)) {
        rollUp.move(one.group, now, undefined);
        show(one, state);
      }
    }
    if (one.shown) outbox.push(writer.reached(actor, state, event, ended));
    if (ended) forget(one);
  }

  function fail(actor: InspectedActor, event: AnyEventObject): void {
    const one = known.get(actor);
    const state = actor.getSnapshot();
    if (one === undefined || state?.status !== "error") return;
    if (one.shown) outbox.push(writer.reached(actor, state, event, true));
    forget(one);
  }

  /** An actor without a parent tells nobody that it failed. */
  function endFailed(): void {
    for (const { actor } of shown.values())
      if (actor.getSnapshot()?.status === "error") fail(actor, { type: "xstate.error" });
  }

  function choose(next: ActorChoice | undefined, nextLimit: number | undefined): void {
    if (nextLimit !== undefined) places.limit = nextLimit;
    if (next !== undefined) {
      choice = next;
      places.clear();
    }
    for (const id of places.giveBack((id) => shown.has(id))) unshow(shown.get(id));
    for (const one of known.values()) {
      const state = one.actor.getSnapshot();
      if (state === undefined || (one.shown && next === undefined)) continue;
      const shall = judge(one, state);
      if (!shall) unshow(one);
      else if (!one.shown) {
        rollUp.move(one.group, one.state, undefined);
        show(one, state);
        outbox.push(writer.reached(one.actor, state, CHOSEN, false));
      }
    }
  }

  function picture(): RawMessage[] {
    const actors = [...shown.values()].flatMap(({ actor }) => {
      const state = actor.getSnapshot();
      return state === undefined
        ? []
        : [writer.introduce(actor, state), writer.reached(actor, state, { type: "inspection.repeated" }, false)];
    });
    return [...actors, ...rollUp.groups().flatMap((group) => writer.counted(group, rollUp.counts(group), true))];
  }

  const inspect: Observer<InspectionEvent> = {
    next(inspection) {
      if (closed) return;
      if (inspection.type === "@xstate.event") {
        onEvent(inspection.actorRef as never, inspection.event, inspection.sourceRef as never);
      } else if (inspection.type === "@xstate.snapshot") {
        onState(inspection.actorRef as never, inspection.snapshot, inspection.event);
      } else if (inspection.type === "@xstate.actor") {
        systems.add((inspection.actorRef as unknown as InspectedActor).system);
      }
    },
  };

  function attach(actor: InspectedActor): void {
    if (!systems.has(actor.system)) {
      systems.add(actor.system);
      attached.push(actor.system.inspect(inspect));
    }
    const state = actor.getSnapshot();
    if (state?.status !== "active") return;
    if (!known.has(actor)) meet(actor, state);
    for (const child of Object.values(state.children ?? {})) if (child !== undefined) attach(child);
  }

  function close(): void {
    if (closed) return;
    closed = true;
    for (const subscription of attached) subscription.unsubscribe();
    outbox.flush(true);
  }

  return {
    inspect,
    attach,
    wants: (candidate) => chosen(candidate) && places.take(`${workerId}/${candidate.id}`),
    tally(group, counts) {
      if (!closed) rollUp.tally(group, counts);
    },
    control(message) {
      if (message.type === "received") outbox.received(message.batch);
      else if (closed) return;
      else if (message.type === "repeat") outbox.repeat();
      else if (message.type === "end") close();
      else choose(message.choice, message.limit);
    },
    flush: () => outbox.flush(),
    close,
    get dropped() {
      return outbox.dropped;
    },
  };
}
