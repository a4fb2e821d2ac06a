import type { WorkerFactory } from "@memhp/machine";
import { workerThreads } from "@memhp/machine/node";

type Transport = ReturnType<WorkerFactory>;
type Listener = EventListenerOrEventListenerObject;

interface Warm {
  readonly transport: Transport;
  /** Hears that the worker is gone: whoever has it now. */
  tell: ((reason: Error) => void) | undefined;
}

const startWorker = workerThreads();
const idle: Warm[] = [];

function begin(index: number): Warm {
  const warm: Warm = { transport: startWorker(index), tell: undefined };
  warm.transport.onGone((reason) => {
    if (idle.includes(warm)) idle.splice(idle.indexOf(warm), 1);
    warm.tell?.(reason);
  });
  return warm;
}

/**
 * Worker threads that are kept when their machine is closed, for the next one, of whichever test of this process: most of the time of a
 * run on workers goes into their start. An idle one does not keep the process alive.
 */
export const keptWorkers: WorkerFactory = (index) => {
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
    sharesMemory: transport.sharesMemory ?? false,
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
};
