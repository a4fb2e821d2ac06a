import { eventMessage, type QmpEvent } from "./event.ts";
import type { JsonObject } from "./json/value.ts";
import type { QmpPort } from "./port.ts";

/** A session, as the dispatcher sees it. */
export interface DispatcherClient {
  event(message: JsonObject): void;
  /** The machine has ended. */
  end(): void;
}

/**
 * The one queue of a machine's monitors. Commands run one at a time, whoever sent them, as in QEMU; events that the machine
 * reports while one runs are told after its answer: the guest acts on what the monitor has already confirmed. Commands that
 * concern the monitor itself wait for no other: a port that takes its time holds up nobody's `query-status` or `quit`.
 */
export class QmpDispatcher {
  readonly port: QmpPort;
  readonly #clients = new Set<DispatcherClient>();
  readonly #jobs: (() => void | Promise<void>)[] = [];
  readonly #held: QmpEvent[] = [];
  #busy = false;
  #isEnding = false;
  #ended = false;
  #anonymousDevices = 0;
  #unsubscribe: (() => void) | undefined;

  constructor(port: QmpPort) {
    this.port = port;
  }

  /** Joins; returns the leave-taking. The port is subscribed to while there is a client. */
  join(client: DispatcherClient): () => void {
    this.#clients.add(client);
    this.#unsubscribe ??= this.port.subscribe((event) => this.#report(event));
    return () => {
      this.#clients.delete(client);
      if (this.#clients.size > 0) return;
      this.#unsubscribe?.();
      this.#unsubscribe = undefined;
    };
  }

  /** Runs a command when its turn comes: at once, if nothing else runs. */
  run(job: () => void | Promise<void>): void {
    this.#jobs.push(job);
    this.#next();
  }

  /** Runs a command that concerns the monitor itself: now, whatever else runs. */
  runBeside(job: () => void | Promise<void>): void {
    if (this.#ended) return;
    if (!this.#busy) {
      this.run(job);
      return;
    }
    try {
      void job();
    } finally {
      if (this.#isEnding) this.#end();
    }
  }

  /** The number of a device without an id. It is spent even where the device then does not come to be (qdev_set_id). */
  takeDeviceNumber(): number {
    return this.port.takeDeviceNumber?.() ?? this.#anonymousDevices++;
  }

  /** The machine ends when the command that says so is answered; every client is told. */
  shutdown(): void {
    this.#isEnding = true;
    this.#tell({ event: "SHUTDOWN", atNs: this.port.nowNs(), guest: false, reason: "host-qmp-quit" });
  }

  #next(): void {
    while (!this.#busy && !this.#isEnding) {
      const job = this.#jobs.shift();
      if (job === undefined) return;
      this.#busy = true;
      this.#start(job);
    }
  }

  /** A job that throws ends all the same: the machine is not held up by a client's broken `send`. */
  #start(job: () => void | Promise<void>): void {
    let running: void | Promise<void> = undefined;
    try {
      running = job();
    } finally {
      if (!(running instanceof Promise)) this.#finish();
    }
    if (!(running instanceof Promise)) return;
    void running.finally(() => {
      this.#finish();
      this.#next();
    });
  }

  #finish(): void {
    for (let event = this.#held.shift(); event !== undefined; event = this.#held.shift()) this.#tell(event);
    this.#busy = false;
    if (this.#isEnding) this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#jobs.length = 0;
    for (const client of this.#clients) client.end();
    this.port.quit();
  }

  #report(event: QmpEvent): void {
    if (this.#busy) this.#held.push(event);
    else this.#tell(event);
  }

  #tell(event: QmpEvent): void {
    const message = eventMessage(event);
    for (const client of this.#clients) client.event(message);
  }
}

/** The queue that all monitors of one machine share. */
export function createQmpDispatcher(port: QmpPort): QmpDispatcher {
  return new QmpDispatcher(port);
}
