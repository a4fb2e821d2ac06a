import { name } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { StepError } from "./step-error.ts";
import { Type } from "../schema/type.ts";

export const signal: Operation = operation({
  op: "signal",
  about: "A signal to whoever writes in the background",
  operands: Type.Object({ to: name({ description: "The `background` name of a step before" }) }),
  acts: {
    on: "machine",
    async perform({ background }, { to }) {
      if (await background.kill(to)) return { result: { errno: 0 } };
      throw new StepError(
        `signal: to: nothing named ${JSON.stringify(to)} runs (running: ${background.names().join(", ") || "none"})`,
        "to",
      );
    },
  },
  asked: ({ to }, { resolve }) => `send a signal to ${resolve(to)}`,
  example: { op: "signal", to: "writer" },
});
