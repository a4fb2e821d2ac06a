import type { Static } from "@sinclair/typebox";
import { name, word } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { StepError } from "./step-error.ts";
import { Type } from "../schema/type.ts";

const NS_PER_MS = 1e6;
const MAX_MS = 1e9;

const operands = Type.Object({
  id: name({ description: "As the event stream names it" }),
  word: Type.Optional(
    word(["online", "online_movable", "online_kernel"], {
      description: "What it writes; online unless told otherwise",
    }),
  ),
  poll_ms: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, maximum: MAX_MS, description: "It looks at every block so often" }),
  ),
  on_add_ms: Type.Optional(
    Type.Number({ minimum: 0, maximum: MAX_MS, description: "It writes so long after the add of a block" }),
  ),
  retry: Type.Optional(
    Type.Object(
      {
        times: Type.Integer({ minimum: 1, maximum: 1000 }),
        after_ms: Type.Number({ minimum: 0, maximum: MAX_MS }),
      },
      { additionalProperties: false, description: "It tries again what was refused, so often, so long after" },
    ),
  ),
  stop: Type.Optional(Type.Literal(true, { description: "The agent of this name ends" })),
});

function check({ id, poll_ms, on_add_ms, stop }: Static<typeof operands>): void {
  if (stop === true && (poll_ms !== undefined || on_add_ms !== undefined))
    throw new StepError(`agent: ${JSON.stringify(id)} cannot begin and stop in one step`, "stop");
  if (stop !== true && poll_ms === undefined && on_add_ms === undefined)
    throw new StepError("agent: expected poll_ms or on_add_ms, or both", "poll_ms");
}

export const agent: Operation = operation({
  op: "agent",
  about: "A program brings memory online while time passes: it polls, acts on add, tries again",
  operands,
  check,
  acts: {
    on: "machine",
    async perform({ userspace }, { id, word: written = "online", poll_ms, on_add_ms, retry, stop }) {
      if (stop === true) {
        if (!userspace.stopAgent(id)) throw new StepError(`agent: id: no agent ${JSON.stringify(id)} runs`, "id");
        return { result: {} };
      }
      if (userspace.hasAgent(id)) throw new StepError(`agent: id: an agent ${JSON.stringify(id)} runs already`, "id");
      userspace.startAgent({
        name: id,
        word: written,
        ...(poll_ms !== undefined && { pollNs: Math.max(1, Math.round(poll_ms * NS_PER_MS)) }),
        ...(on_add_ms !== undefined && { onAddNs: Math.round(on_add_ms * NS_PER_MS) }),
        ...(retry !== undefined && { retry: { times: retry.times, afterNs: Math.round(retry.after_ms * NS_PER_MS) } }),
      });
      return { result: {} };
    },
  },
  asked: ({ id, stop, word: written = "online" }) =>
    stop === true ? `stop agent ${id}` : `start agent ${id}, which writes ${written}`,
  example: { op: "agent", id: "walinuxagent", word: "online_movable", poll_ms: 1000 },
});
