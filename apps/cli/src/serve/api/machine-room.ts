import type { Machine } from "@memhp/machine";
import { runRecorded } from "@memhp/recorded";
import { DocumentError, readDocument, RunError } from "@memhp/scenario";
import type { Host } from "../../host.ts";
import { ApiError } from "./api-error.ts";
import { ServedMachine } from "./served-machine.ts";

type Json = Readonly<Record<string, unknown>>;

/** Machines that the API may boot beside the one it was given. */
const MAX_MACHINES = 16;

/** All machines of a server. */
export class MachineRoom {
  readonly #machines = new Map<string, ServedMachine>();
  readonly #host: Pick<Host, "workerFactory">;
  #booting = 0;
  #number = 0;

  constructor(host: Pick<Host, "workerFactory">) {
    this.#host = host;
  }

  list(): ServedMachine[] {
    return [...this.#machines.values()];
  }

  /** @throws ApiError */
  get(id: string): ServedMachine {
    const found = this.#machines.get(id);
    if (found !== undefined) return found;
    const known = [...this.#machines.keys()].join(", ");
    throw new ApiError(
      404,
      `no machine ${JSON.stringify(id.slice(0, 40))} (there are: ${known === "" ? "none" : known})`,
    );
  }

  /** Shows a machine that belongs to somebody else. */
  attach(name: string, machine: Machine, watchOnly = false): ServedMachine {
    return this.#add({ name, machine, owned: false, watchOnly });
  }

  /**
   * Boots a scenario's machine and carries its steps out.
   * @throws ApiError
   */
  async boot(scenario: unknown, workers: number): Promise<ServedMachine> {
    if (this.#machines.size + this.#booting >= MAX_MACHINES)
      throw new ApiError(429, `there are ${MAX_MACHINES} machines already: delete one`);
    this.#booting++;
    try {
      const document = readDocument(scenario, "scenario");
      let machine: Machine | undefined;
      try {
        await runRecorded(document, {
          ...(workers === 0 ? {} : { workers, workerFactory: this.#host.workerFactory }),
          keepMachine: true,
          keepSteps: false,
          onMachine: (booted) => (machine = booted),
          // Others are heard meanwhile.
          onStep: () => new Promise((resolve) => setImmediate(resolve)),
        });
      } catch (error) {
        await machine?.close();
        throw error;
      }
      if (machine === undefined) throw new Error("memhp bug: a run without a machine");
      return this.#add({ name: document.name, machine, scenario: scenario as Json, owned: true });
    } catch (error) {
      if (error instanceof DocumentError || error instanceof RunError) throw new ApiError(400, error.message);
      throw error;
    } finally {
      this.#booting--;
    }
  }

  /** @throws ApiError */
  async remove(id: string): Promise<void> {
    const machine = this.get(id);
    if (!machine.owned) throw new ApiError(409, `machine ${id} belongs to the command that serves it`);
    this.#machines.delete(id);
    await machine.close();
  }

  async close(): Promise<void> {
    const machines = this.list();
    this.#machines.clear();
    await Promise.all(machines.map((machine) => machine.close()));
  }

  #add(input: { name: string; machine: Machine; scenario?: Json; owned: boolean; watchOnly?: boolean }): ServedMachine {
    const id = `m${this.#number++}`;
    const served = new ServedMachine({ id, ...input });
    this.#machines.set(id, served);
    return served;
  }
}
