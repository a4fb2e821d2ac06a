import type { InspectionBatch, InspectionControl } from "./protocol.ts";
import { createInspectionSource, type InspectionSource, type InspectionSourceOptions } from "./source/source.ts";

/**
 * A `MessagePort`, of a browser or of Node, or a web `Worker`, or anything like them. It must be used for
 * nothing else; a port of a `MessageChannel` can be handed to a worker through Comlink's `transfer`, too.
 */
export interface InspectionPort {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  start?(): void;
  close?(): void;
  /** Of Node: the port alone does not keep the thread alive. */
  unref?(): void;
}

/** About 65,000 messages: what a hub that is busy may leave waiting in the port. */
const MAX_UNDERWAY = 256;

/** A source at the worker's end of a port; `attachInspector` has the other end. */
export function serveInspection(
  port: InspectionPort,
  options: Omit<InspectionSourceOptions, "send">,
): InspectionSource {
  const source = createInspectionSource({
    maxUnderway: MAX_UNDERWAY,
    ...options,
    send: (batch) => port.postMessage(batch),
  });
  port.addEventListener("message", ({ data }) => source.control(data as InspectionControl));
  port.start?.();
  port.unref?.();
  return {
    ...source,
    get dropped() {
      return source.dropped;
    },
    close() {
      source.close();
      port.close?.();
    },
  };
}

/** Listens at the hub's end of a port. */
export function listen(port: InspectionPort, receive: (batch: InspectionBatch) => void): void {
  port.addEventListener("message", ({ data }) => receive(data as InspectionBatch));
  port.start?.();
}
