import type { MessagePort, TransferListItem, Worker } from "node:worker_threads";
import type { Endpoint } from "comlink";

/** Comlink's endpoint over a port of worker_threads, which speaks `on` instead of `addEventListener`. */
export function nodeEndpoint(port: MessagePort | Worker): Endpoint {
  const listeners = new WeakMap<object, (data: unknown) => void>();
  return {
    postMessage: (message: unknown, transfer?: unknown[]) =>
      port.postMessage(message, (transfer ?? []) as TransferListItem[]),
    addEventListener(_type: string, listener: EventListenerOrEventListenerObject) {
      const deliver = (data: unknown): void => {
        const event = { data } as MessageEvent;
        if (typeof listener === "function") listener(event);
        else listener.handleEvent(event);
      };
      listeners.set(listener, deliver);
      port.on("message", deliver);
    },
    removeEventListener(_type: string, listener: EventListenerOrEventListenerObject) {
      const deliver = listeners.get(listener);
      if (deliver !== undefined) port.off("message", deliver);
    },
    start: () => {
      if ("start" in port) port.start();
    },
  };
}
