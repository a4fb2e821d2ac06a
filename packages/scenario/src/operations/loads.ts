import type { Machine } from "@memhp/machine";
import { name } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { StepError } from "./step-error.ts";
import { pages } from "./words.ts";
import { Type } from "../schema/type.ts";

const operands = Type.Object({ id: name({ description: "Name of a load that runs" }) });

function running(op: string, id: string, { pages }: Machine): string {
  if (pages.loads.get(id) !== undefined) return id;
  const known = pages.loads.list().map((load) => load.id);
  throw new StepError(`${op}: id: no load ${JSON.stringify(id)} runs (running: ${known.join(", ") || "none"})`, "id");
}

export const unload: Operation = operation({
  op: "unload",
  about: "Ends a load, and its pages are free",
  operands,
  acts: {
    on: "machine",
    perform: async ({ machine }, { id }) => ({
      result: { errno: 0, pages: (await machine.pages.loads.end(running("unload", id, machine))) ?? 0 },
    }),
  },
  asked: ({ id }, { resolve }) => `end load ${resolve(id)}`,
  outcome: ({ result }) => ({ outcome: `${pages(Number(result["pages"]))} freed`, good: true }),
  staysInMachine: true,
  example: { op: "unload", id: "db" },
});

export const unpin: Operation = operation({
  op: "unpin",
  about: "Ends the pins of a load's pages",
  operands,
  acts: {
    on: "machine",
    async perform({ machine }, { id }) {
      await machine.pages.loads.unpin(running("unpin", id, machine));
      return { result: { errno: 0 } };
    },
  },
  asked: ({ id }, { resolve }) => `load ${resolve(id)} lets go of its pins`,
  staysInMachine: true,
  example: { op: "unpin", id: "db" },
});
