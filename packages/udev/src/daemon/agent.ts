import { type Errno, knownOptions, type Refusal } from "@memhp/abi";
import { resultOf, type UserspaceMachine } from "./udev-machine.ts";

/** How an agent looks for offline blocks, and what it writes. */
export interface AgentOptions {
  /** As the event stream names it. */
  readonly name: string;
  /** What it writes to `state`: `online`, `online_movable`, `online_kernel`. */
  readonly word: string;
  /** Looks at every block so often, in nanoseconds; undefined where it only waits for uevents. */
  readonly pollNs?: number;
  /** Writes so long after the `add` of a block, in nanoseconds; undefined where it only polls. */
  readonly onAddNs?: number;
  /** Tries again so often after a refusal, and so long after it. */
  readonly retry?: { readonly times: number; readonly afterNs: number };
}

/** One write of an agent. */
export interface AgentWrite {
  readonly atNs: number;
  readonly block: number;
  readonly errno: Errno | 0;
  /** Why, where the kernel refused. */
  readonly refusal?: Refusal;
  /** 0 for the first try. */
  readonly retry: number;
}

const MEMORY = "/sys/devices/system/memory";
const DEVPATH = /^\/devices\/system\/memory\/memory(\d+)$/;

const OPTIONS: Readonly<Record<keyof AgentOptions, true>> = {
  name: true,
  word: true,
  pollNs: true,
  onAddNs: true,
  retry: true,
};

/** A program that brings memory online, as guest agents do: it polls, or hears of `add`, and tries again. */
export class OnlineAgent {
  readonly #machine: UserspaceMachine;
  readonly #options: AgentOptions;
  readonly #blocks: () => Iterable<number>;
  readonly #writes: AgentWrite[] = [];
  readonly #stopListening: () => void;
  #hasStopped = false;

  /** @param blocks numbers of the blocks that there are. @throws RangeError for an agent that would never act. */
  constructor(machine: UserspaceMachine, blocks: () => Iterable<number>, options: AgentOptions) {
    knownOptions("OnlineAgent: options", options, OPTIONS);
    const { pollNs, onAddNs } = options;
    if (pollNs === undefined && onAddNs === undefined) throw new RangeError("an agent polls, or acts on add");
    if (pollNs !== undefined && !(pollNs > 0)) throw new RangeError(`poll: expected a time above 0, found ${pollNs}`);
    this.#machine = machine;
    this.#options = options;
    this.#blocks = blocks;
    this.#stopListening = machine.listen((event) => {
      if (onAddNs === undefined || event.type !== "uevent" || event.action !== "add") return;
      const block = DEVPATH.exec(event.devpath)?.[1];
      if (block !== undefined) this.#tryLater(Number(block), event.atNs + onAddNs, 0);
    });
    if (pollNs !== undefined) this.#poll(machine.nowNs + pollNs, pollNs);
  }

  takeWrites(): AgentWrite[] {
    return this.#writes.splice(0);
  }

  stop(): void {
    this.#hasStopped = true;
    this.#stopListening();
  }

  #poll(atNs: number, everyNs: number): void {
    this.#machine.at(atNs, this.#options.name, async (write) => {
      if (this.#hasStopped) return;
      const blocks = Array.from(this.#blocks());
      for (const block of blocks) if (this.#isOffline(block)) await this.#online(block, 0, write);
      this.#poll(this.#machine.nowNs + everyNs, everyNs);
    });
  }

  #tryLater(block: number, atNs: number, retry: number): void {
    this.#machine.at(atNs, this.#options.name, async (write) => {
      if (!this.#hasStopped && this.#isOffline(block)) await this.#online(block, retry, write);
    });
  }

  async #online(
    block: number,
    retry: number,
    write: Parameters<Parameters<UserspaceMachine["at"]>[2]>[0],
  ): Promise<void> {
    const written = resultOf(await write(`${MEMORY}/memory${block}/state`, this.#options.word));
    const { nowNs } = this.#machine;
    const about = { atNs: nowNs, block, retry };
    this.#writes.push(
      written.ok ? { ...about, errno: 0 } : { ...about, errno: written.refusal.errno, refusal: written.refusal },
    );
    const { times = 0, afterNs = 0 } = this.#options.retry ?? {};
    if (!written.ok && retry < times) this.#tryLater(block, nowNs + afterNs, retry + 1);
  }

  #isOffline(block: number): boolean {
    const state = this.#machine.files.read(`${MEMORY}/memory${block}/state`);
    return state.ok && state.value === "offline\n";
  }
}
