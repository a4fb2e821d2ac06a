import type { AnyEventObject, Snapshot } from "xstate";

interface Common {
  readonly rootId: string;
  /** Unique over all sources: `w1/light`. */
  readonly sessionId: string;
  /** Milliseconds of the clock of the source, as digits. */
  readonly createdAt: string;
  readonly id: string;
  readonly _version: string;
}

/**
 * What the official inspector reads, its `StatelyInspectionEvent`. Written here once more, so that the types of this package need no
 * `@statelyai/inspect`; a test hands one to the other.
 */
export type StatelyMessage = Common &
  (
    | {
        readonly type: "@xstate.actor";
        readonly name: string;
        readonly snapshot: {
          readonly status?: Snapshot<unknown>["status"];
          readonly value?: unknown;
          readonly context?: unknown;
        };
        /** The machine's config as JSON. */
        readonly definition: string | undefined;
        readonly parentId: string | undefined;
      }
    | { readonly type: "@xstate.event"; readonly event: AnyEventObject; readonly sourceId: string | undefined }
    | { readonly type: "@xstate.snapshot"; readonly event: AnyEventObject; readonly snapshot: Snapshot<unknown> }
  );
