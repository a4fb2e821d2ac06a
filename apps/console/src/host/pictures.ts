import type { BlockShape } from "../session/block-columns.ts";
import type { Session } from "../session/session.ts";
import { liveView, partsView } from "./machine-view.ts";
import type { LiveView, PartsView } from "./views.ts";

/** What has changed, for the page to draw. What is undefined has not. */
export interface Picture {
  readonly live: LiveView;
  readonly parts: PartsView | undefined;
  readonly shape: BlockShape | undefined;
  readonly columns:
    | { readonly state: Uint8Array; readonly zone: Uint8Array; readonly unmovable: Uint8Array }
    | undefined;
}

/** Tells a page what has changed: the next picture when the last was taken. */
export class Pictures {
  watcher: ((picture: Picture) => Promise<void>) | undefined;
  #isTelling = false;
  #isStale = false;
  #told: { shape?: BlockShape; state?: Uint8Array; fullVersion?: number } = {};

  /** The next picture is a whole one. */
  forget(): void {
    this.#told = {};
  }

  async tell(
    now: () => Session | undefined,
    besides: (session: Session) => Pick<PartsView, "history" | "host" | "containers" | "devices">,
  ): Promise<void> {
    this.#isStale = true;
    if (this.#isTelling || this.watcher === undefined) return;
    this.#isTelling = true;
    try {
      for (let session = now(); this.#isStale && session !== undefined; session = now()) {
        this.#isStale = false;
        await this.watcher(this.#picture(session, besides));
      }
    } finally {
      this.#isTelling = false;
    }
  }

  #picture(
    session: Session,
    besides: (session: Session) => Pick<PartsView, "history" | "host" | "containers" | "devices">,
  ): Picture {
    const told = this.#told;
    const { ids, segments, state, zone, unmovable } = session.columns();
    const isNew = told.shape?.ids !== ids;
    const isMoved = isNew || told.state !== state;
    const isFull = isNew || told.fullVersion !== session.fullVersion;
    this.#told = { shape: { ids, segments }, state, fullVersion: session.fullVersion };
    return {
      live: liveView(session),
      parts: isFull ? { ...partsView(session), ...besides(session) } : undefined,
      shape: isNew ? { ids, segments } : undefined,
      columns: isMoved ? { state, zone, unmovable } : undefined,
    };
  }
}
