import type { WorkerFactory } from "@memhp/machine";

type Transport = ReturnType<WorkerFactory>;
type Listener = EventListenerOrEventListenerObject;

interface Warm {
  readonly transport: Transport;
  /** Hears that the worker is gone: whoever has it now. */
  tell: ((reason: Error) => void) | undefined;
}

/** Workers that are kept when their machine is closed, for the next one: most of the time of a run on workers goes into their start. */
export function warmWorkers(factory: WorkerFactory): {
  readonly workerFactory: WorkerFactory;
  readonly close: () => Promise<void>;
} {
  const all: Warm[] = [];
  const idle: Warm[] = [];

  function begin(index: number): Warm {
    const warm: Warm = { transport: factory(index), tell: undefined };
    warm.transport.onGone((reason) => warm.tell?.(reason));
    all.push(warm);
    return warm;
  }

  return {
    workerFactory(index) {
      const warm = idle.pop() ?? begin(index);
      const { transport } = warm;
      const { endpoint } = transport;
      const listeners: [type: string, listener: Listener][] = [];
      let isOver = false;
      return {
        endpoint: {
          ...endpoint,
          // What Comlink sends when it collects a proxy of a machine that is gone would end the worker's service.
          postMessage: (message, transfer) => (isOver ? undefined : endpoint.postMessage(message, transfer)),
          addEventListener(type, listener, options) {
            listeners.push([type, listener]);
            endpoint.addEventListener(type, listener, options);
          },
        },
        onGone(callback) {
          warm.tell = callback;
        },
        setBusy: (isBusy) => transport.setBusy?.(isBusy),
        terminate() {
          if (isOver) return;
          isOver = true;
          warm.tell = undefined;
          for (const [type, listener] of listeners) endpoint.removeEventListener(type, listener);
          transport.setBusy?.(false);
          idle.push(warm);
        },
      };
    },
    async close() {
      for (const { transport } of all.splice(0)) await transport.terminate();
      idle.length = 0;
    },
  };
}
