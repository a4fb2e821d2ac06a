import { type TraceId, traceIds } from "./traces.ts";

/** Runs that say nothing about what memhp simulates. */
const leftOut: ReadonlySet<TraceId> = new Set([
  // A virtio-mem device: blocks of which a part is plugged in.
  "6.1/x_virtio_mem",
  "6.12/x_virtio_mem",
  // The guest crashed in its only step (observed-4.1 Q8).
  "4.1/y-block-2g",
]);

/** The recorded runs that memhp's answers are compared with. */
export function comparedTraceIds(): TraceId[] {
  return traceIds().filter((id) => !leftOut.has(id));
}
