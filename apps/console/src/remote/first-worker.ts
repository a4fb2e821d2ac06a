import hostWorker from "virtual:memhp-host-worker";
import { endOf } from "./worker-end.ts";

/** A worker for a machine, and what is heard of it from its beginning on. */
export interface HostWorker {
  readonly worker: Worker;
  /** Settles when it has ended, with words of why. */
  readonly ended: Promise<string>;
}

let first: HostWorker | undefined;

/** Starts the worker of a first visit's machine, for whoever asks first. */
export function startFirst(): void {
  first = newWorker();
}

export function hostWorkerNow(): HostWorker {
  const ready = first ?? newWorker();
  first = undefined;
  return ready;
}

function newWorker(): HostWorker {
  const worker = new Worker(hostWorker, { type: "module", name: "memhp machine" });
  const ended = new Promise<string>((end) => {
    void endOf(worker).then(() => end("The worker that the machine lived in has ended."));
    worker.addEventListener("error", ({ message }) =>
      end(message === "" || message === undefined ? "The worker of the machine could not be loaded." : message),
    );
  });
  return { worker, ended };
}
