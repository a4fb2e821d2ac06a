import { Prng } from "@memhp/engine";
import { serveShard, type WorkerFactory, type WorkerTransport } from "@memhp/machine";
import { afterOthers } from "../turn.ts";

type Endpoint = WorkerTransport["endpoint"];
type Listener = Parameters<Endpoint["addEventListener"]>[1];

/** A worker that dies when so many messages have been delivered, and what is said of it. */
export interface Death {
  readonly worker: number;
  readonly afterMessages: number;
  readonly reason: string;
}

interface Message {
  readonly channel: Channel;
  readonly deliver: () => void;
}

interface Channel {
  isDead: boolean;
}

/** One end of a channel: what is posted here is heard at the other end when the network gets round to it. */
class End implements Endpoint {
  readonly #post: (deliver: () => void) => void;
  readonly #listeners = new Set<Listener>();
  other: End | undefined;

  constructor(post: (deliver: () => void) => void) {
    this.#post = post;
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    const data: unknown = structuredClone(message, { transfer });
    this.#post(() => this.other?.hear(data));
  }
  addEventListener(_type: string, listener: Listener): void {
    this.#listeners.add(listener);
  }
  removeEventListener(_type: string, listener: Listener): void {
    this.#listeners.delete(listener);
  }

  hear(data: unknown): void {
    const event = { data } as MessageEvent;
    for (const listener of this.#listeners)
      if (typeof listener === "function") listener(event);
      else listener.handleEvent(event);
  }
}

/**
 * Workers whose messages take their time: each round one of those under way arrives, whichever the seed draws, and some rounds
 * none does. So they overtake each other in every way that threads allow, and in some that they do not.
 */
export function slowWorkers(seed: number, death?: Death): WorkerFactory {
  const prng = new Prng(seed);
  const underWay: Message[] = [];
  let isPumping = false;
  let delivered = 0;
  let die: (() => void) | undefined;

  const pump = (): void => {
    isPumping = false;
    if (underWay.length > 0 && prng.next() < 0.8) {
      for (const { channel, deliver } of underWay.splice(Math.floor(prng.next() * underWay.length), 1)) {
        if (channel.isDead) continue;
        delivered++;
        deliver();
      }
      if (death !== undefined && delivered >= death.afterMessages) die?.();
    }
    if (underWay.length > 0) wake();
  };
  const wake = (): void => {
    if (isPumping) return;
    isPumping = true;
    afterOthers(pump);
  };

  return (index) => {
    const channel: Channel = { isDead: false };
    const post = (deliver: () => void): void => {
      if (channel.isDead) return;
      underWay.push({ channel, deliver });
      wake();
    };
    const here = new End(post);
    const there = new End(post);
    here.other = there;
    there.other = here;
    serveShard(there);
    return {
      endpoint: here,
      onGone(callback) {
        if (death?.worker !== index) return;
        die = () => {
          die = undefined;
          channel.isDead = true;
          callback(new Error(death.reason));
        };
      },
      terminate() {
        channel.isDead = true;
      },
    };
  };
}
