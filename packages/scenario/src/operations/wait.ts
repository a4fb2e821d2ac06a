import { MAX_SECONDS, seconds } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { StepError } from "./step-error.ts";
import { Type } from "../schema/type.ts";

export const wait: Operation = operation({
  op: "wait",
  about: "Simulated time passes: what runs in the background gets on, and loads churn",
  operands: Type.Object(
    {
      ms: Type.Optional(
        Type.Number({ minimum: 0, maximum: MAX_SECONDS * 1000, description: "Simulated milliseconds" }),
      ),
      s: Type.Optional(seconds({ description: "Simulated seconds" })),
    },
    { oneOf: [{ required: ["ms"] }, { required: ["s"] }] },
  ),
  check({ ms, s }) {
    if ((ms === undefined) === (s === undefined))
      throw new StepError(`wait: expected ${s === undefined ? "ms or s" : "either ms or s, found both"}`, "ms");
  },
  acts: {
    on: "target",
    async perform({ clock }, { ms, s = 0 }) {
      await clock.wait(Math.round((ms ?? s * 1000) * 1e6));
      return { result: {} };
    },
  },
  settles: true,
  asked: ({ ms, s }) => `wait ${ms === undefined ? `${s} s` : `${ms} ms`}`,
  staysInMachine: true,
  example: { op: "wait", ms: 500 },
});
