import type { SimEvent } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import {
  type AgentOptions,
  type AgentWrite,
  type HandledUevent,
  type Onlined,
  OnlineAgent,
  UdevDaemon,
  type UdevOptions,
  UeventFaults,
  whoOnlined,
} from "@memhp/udev";

/** Programs that live beside a scenario's steps: udevd and agents. They act while time passes. */
export class Userspace {
  readonly ueventFaults: UeventFaults = new UeventFaults();
  readonly #machine: Machine;
  readonly #agents = new Map<string, OnlineAgent>();
  #udev: UdevDaemon | undefined;
  /** Uevents and writes since the first of the programs began. */
  readonly #events: SimEvent[] = [];
  #stopListening: (() => void) | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Takes the place of an udevd that runs already. */
  startUdev(options: UdevOptions): void {
    this.#listen();
    this.#udev?.stop();
    this.#udev = new UdevDaemon(this.#machine, { ...options, faults: this.ueventFaults });
  }

  hasAgent(name: string): boolean {
    return this.#agents.has(name);
  }

  startAgent(options: AgentOptions): void {
    this.#listen();
    this.#agents.set(options.name, new OnlineAgent(this.#machine, () => this.#machine.blockDevices(), options));
  }

  /** @returns false where none has this name. */
  stopAgent(name: string): boolean {
    this.#agents.get(name)?.stop();
    return this.#agents.delete(name);
  }

  /** True where none of them runs, and no uevent is to be lost or doubled. */
  get isAbsent(): boolean {
    return this.#udev === undefined && this.#agents.size === 0 && this.ueventFaults.isEmpty;
  }

  /** True where udev has nothing to do. */
  get isSettled(): boolean {
    return this.#udev?.isSettled ?? true;
  }

  takeHandled(): HandledUevent[] {
    return this.#udev?.takeHandled() ?? [];
  }

  takeWrites(): [agent: string, writes: AgentWrite[]][] {
    return [...this.#agents].map(([name, agent]) => [name, agent.takeWrites()]);
  }

  /** Who onlined blocks since the first of the programs began. */
  onlined(): Onlined[] {
    return whoOnlined(this.#events, this.#machine.spec.cmdline);
  }

  /** Ends all of them. */
  end(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#udev?.stop();
    this.#udev = undefined;
    for (const agent of this.#agents.values()) agent.stop();
    this.#agents.clear();
  }

  #listen(): void {
    this.#stopListening ??= this.#machine.listen((event) => {
      // Programs of the guest are gone with it, before the kernel boots again.
      if (event.type === "reset") this.end();
      if (event.type === "uevent" || event.type === "file_write") this.#events.push(event);
    });
  }
}
