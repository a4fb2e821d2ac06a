import { type DimmPlace, memoryPlaces, operationOf, type Places, type TraceStep } from "@memhp/scenario";
import type { Machine } from "@memhp/machine";

/** A step in the words of its operation: what was asked, and how it ended. */
export interface StepWords {
  readonly asked: string;
  readonly outcome: string;
  readonly good: boolean;
}

/** Where memory lies, so that `memory${d0.4}` is told as `memory36`. What has left the machine is still known. */
export class KnownPlaces implements Places {
  readonly #places = new Map<string, DimmPlace>();
  #blockBytes = 1;

  learn(machine: Machine): void {
    this.#blockBytes = machine.board.blockSizeBytes;
    for (const [id, place] of memoryPlaces(machine)) this.#places.set(id, place);
  }

  readonly blocks: Places["blocks"] = (id) => {
    const place = this.#places.get(id);
    if (place === undefined) return undefined;
    const first = Math.floor(place.addr / this.#blockBytes);
    return { first, last: Math.max(first, Math.ceil((place.addr + place.sizeBytes) / this.#blockBytes) - 1) };
  };
  readonly address: Places["address"] = (id) => this.#places.get(id)?.addr;
  readonly resolve: Places["resolve"] = (text) =>
    text.replaceAll(/\$\{([^}.]+)\.([^}]+)\}/g, (whole, id: string, field: string) => {
      const blocks = this.blocks(id);
      if (blocks === undefined) return whole;
      if (field === "first") return String(blocks.first);
      if (field === "last") return String(blocks.last);
      return /^\d+$/.test(field) ? String(blocks.first + Number(field)) : whole;
    });
}

export function stepWords(done: TraceStep, places: Places): StepWords {
  const { step, result } = done;
  const operation = operationOf(step.op);
  const asked = operation.asked(step, places);
  if (typeof result !== "object" || result === null) return { asked, outcome: "ran in the guest", good: true };
  const known = result as Readonly<Record<string, unknown>>;
  if (known["background"] === true) return { asked, outcome: "goes on in the background", good: true };
  const { outcome, good } = operation.outcome?.({ ...done, result: known }, step, places) ?? {
    outcome: "done",
    good: true,
  };
  return { asked, outcome, good };
}
