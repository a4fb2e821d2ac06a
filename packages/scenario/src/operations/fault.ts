import { type ErrnoName, errnoNames } from "@memhp/abi";
import { faultOperations, type FaultWhen, type FileFault } from "@memhp/sysfs";
import type { Static } from "@sinclair/typebox";
import { absolute, path, text, word } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { StepError } from "./step-error.ts";
import { Type } from "../schema/type.ts";

const NS_PER_MS = 1e6;
const MAX_ERRNO = 4095;

const operands = Type.Object({
  path: path(),
  operation: word(faultOperations, { description: "What fails; lookup: the file seems not to be there" }),
  errno: Type.Optional(
    Type.Union([word<ErrnoName>(errnoNames), Type.Integer({ minimum: 1, maximum: MAX_ERRNO })], {
      description: "What is answered instead",
    }),
  ),
  delay_ms: Type.Optional(Type.Number({ minimum: 0, maximum: 1e9, description: "How much longer a write takes" })),
  texts: Type.Optional(
    Type.Array(text(), { minItems: 1, maxItems: 1024, description: "What reads give in turn, for flapping states" }),
  ),
  first: Type.Optional(Type.Integer({ minimum: 1, maximum: 1e9, description: "Only the first so many" })),
  every: Type.Optional(Type.Integer({ minimum: 1, maximum: 1e9, description: "Only each n-th" })),
  p: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, maximum: 1, description: "Each with this probability, from the seed" }),
  ),
});
type Operands = Static<typeof operands>;

function whenOf({ first, every, p }: Operands): FaultWhen {
  if (first !== undefined) return { kind: "first", times: first };
  if (every !== undefined) return { kind: "every", n: every };
  return p === undefined ? { kind: "always" } : { kind: "probability", p };
}

function faultOf(given: Operands): FileFault {
  const { errno, delay_ms, texts } = given;
  return {
    path: absolute(given.path),
    operation: given.operation,
    when: whenOf(given),
    ...(errno === undefined ? {} : { errno }),
    ...(delay_ms === undefined ? {} : { delayNs: Math.round(delay_ms * NS_PER_MS) }),
    ...(texts === undefined ? {} : { texts }),
  };
}

export const fault: Operation = operation({
  op: "fault",
  about: "Files fail on purpose from now on, for steps, rules and agents: * is a part of a name, ** any path",
  operands,
  check({ first, every, p, errno, delay_ms, texts }) {
    const moments = [first, every, p].filter((each) => each !== undefined);
    if (moments.length > 1) throw new StepError("fault: expected one of first, every and p", "first");
    if (errno === undefined && delay_ms === undefined && texts === undefined)
      throw new StepError("fault: expected errno, delay_ms or texts", "errno");
  },
  acts: {
    on: "machine",
    async perform({ machine }, given) {
      try {
        return { result: { id: machine.faults.add(faultOf(given)) } };
      } catch (error) {
        if (error instanceof RangeError) throw new StepError(`fault: ${error.message}`);
        throw error;
      }
    },
  },
  asked: ({ path: file, operation: what, errno }, { resolve }) =>
    `let ${what} of ${resolve(file)} ${errno === undefined ? "go wrong" : `fail with ${errno}`}`,
  example: { op: "fault", path: "memory40/state", operation: "write", errno: "EBUSY", every: 3 },
});

export const unfault: Operation = operation({
  op: "unfault",
  about: "Faults end: the one of this id, or all",
  operands: Type.Object({ id: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })) }),
  acts: {
    on: "machine",
    async perform({ machine }, { id }) {
      const ended = machine.faults.remove(id);
      if (id !== undefined && ended === 0) {
        const known = machine.faults.list().map((each) => each.id);
        throw new StepError(`unfault: id: no fault ${id} (there are: ${known.join(", ") || "none"})`, "id");
      }
      return { result: { ended } };
    },
  },
  asked: ({ id }) => (id === undefined ? "end all faults" : `end fault ${id}`),
  example: { op: "unfault" },
});
