import { NotQuietError, snapshot } from "@memhp/machine";
import { operation, type Operation } from "./operation.ts";
import { StepError } from "./step-error.ts";
import { Type } from "../schema/type.ts";

export const checkpoint: Operation = operation({
  op: "checkpoint",
  about: "The machine is written down as it is, to go on from later; nothing may be under way",
  operands: Type.Object({
    name: Type.String({
      pattern: "^[A-Za-z0-9_-]+$",
      description: "What the image is called: letters, digits, - and _",
    }),
  }),
  acts: {
    on: "machine",
    async perform({ machine, onCheckpoint }, { name }) {
      try {
        await onCheckpoint?.(name, await snapshot(machine));
      } catch (error) {
        if (error instanceof NotQuietError) throw new StepError(`checkpoint: ${error.message}`);
        throw error;
      }
      return { result: {} };
    },
  },
  onlyLooks: true,
  asked: ({ name }) => `checkpoint ${name}`,
  example: { op: "checkpoint", name: "loaded" },
});
