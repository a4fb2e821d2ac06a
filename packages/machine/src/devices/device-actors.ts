import type { InspectionSource } from "@memhp/inspect";
import type { AnyActorRef, InspectionEvent, Observer } from "xstate";

/** The statecharts of a machine's devices as they run; blocks have theirs in the shards. Whoever looks hears of those too that come later. */
export class DeviceActors {
  readonly #known = new Set<AnyActorRef>();
  readonly #watchers = new Set<(event: InspectionEvent) => void>();

  /** For `createActor`: every device's actor has it. */
  readonly inspect: Observer<InspectionEvent> = {
    next: (event) => {
      if (event.type === "@xstate.actor") this.#known.add(event.actorRef as AnyActorRef);
      for (const hear of this.#watchers) hear(event);
    },
  };

  /** @returns what ends it. */
  watch({ attach, inspect }: Pick<InspectionSource, "attach" | "inspect">): () => void {
    // Those that are there already are looked at by the watcher itself.
    const before = new Set(this.#known);
    for (const actor of before) attach(actor);
    const hear = (event: InspectionEvent): void => {
      if (!before.has(event.actorRef as AnyActorRef)) inspect.next?.(event);
    };
    this.#watchers.add(hear);
    return () => void this.#watchers.delete(hear);
  }
}
