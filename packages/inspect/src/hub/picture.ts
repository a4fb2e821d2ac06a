import type { InspectionMessage } from "../packed-messages.ts";

/** Ended actors are remembered too, so that who comes after a short run sees how it ended; but not all of them. */
const MAX_ENDED = 100;

/** What a viewer who comes late has to be told: every actor, and the state in which it is. */
export class Picture {
  private readonly actors = new Map<
    string,
    { readonly introduction: InspectionMessage; state: InspectionMessage | undefined }
  >();
  private readonly ended = new Set<string>();

  /** @returns whether viewers should be told; they need no second introduction. */
  take(message: InspectionMessage): boolean {
    const { kind, actor } = message;
    const known = this.actors.get(actor);
    if (kind === "actor") {
      this.ended.delete(actor);
      if (known === undefined) this.actors.set(actor, { introduction: message, state: undefined });
      return known === undefined;
    }
    if (kind === "snapshot" && known !== undefined) {
      known.state = message;
      if (message.ended === true) this.end(actor);
    }
    return true;
  }

  messages(): InspectionMessage[] {
    return [...this.actors.values()].flatMap(({ introduction, state }) =>
      state === undefined ? [introduction] : [introduction, state],
    );
  }

  private end(actor: string): void {
    this.ended.delete(actor);
    this.ended.add(actor);
    if (this.ended.size <= MAX_ENDED) return;
    const [oldest] = this.ended;
    this.ended.delete(oldest as string);
    this.actors.delete(oldest as string);
  }
}
