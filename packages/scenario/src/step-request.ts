import type { TObject, TSchema } from "@sinclair/typebox";
import type { StepRequest } from "./step.ts";
import { faultOf, shown } from "./schema/fault.ts";
import { operations } from "./operations/list.ts";
import { MAX_SECONDS, timeoutMs } from "./operations/operands.ts";
import type { Operation } from "./operations/operation.ts";
import { StepError } from "./operations/step-error.ts";
import { Type } from "./schema/type.ts";

const byName: ReadonlyMap<string, Operation> = new Map(operations.map((each) => [each.op, each]));

/** The operation of this name. @throws StepError */
export function operationOf(op: unknown): Operation {
  const found = typeof op === "string" ? byName.get(op) : undefined;
  if (found !== undefined) return found;
  throw new StepError(`unknown op ${shown(op)} (known: ${[...byName.keys()].join(", ")})`);
}

/** What recorded runs tell their recorder besides: their steps may stand in a scenario as they are. */
const recorderOperands: Readonly<Record<string, TSchema>> = {
  settle: Type.Optional(Type.Integer({ minimum: 0, description: "For the recorder of a kernel" })),
  compact: Type.Optional(
    Type.Boolean({ description: "false: 4.1 answers a write to a block without its compact state" }),
  ),
  full: Type.Optional(Type.Boolean({ description: "For the recorder of a kernel" })),
  flags: Type.Optional(Type.Integer({ minimum: 0, description: "For the recorder of a kernel" })),
  wait: Type.Optional(
    Type.Number({ minimum: 0, maximum: MAX_SECONDS, description: "Seconds that the recorder of a kernel waits" }),
  ),
  timeout_ms: Type.Optional(timeoutMs()),
};

/** The operands of an operation, with what a recorder may be told besides. */
export function operandsSchema({ op, operands }: Operation): TObject {
  return Type.Object(
    { op: Type.Literal(op), ...operands.properties, ...withoutNames(recorderOperands, operands.properties) },
    { additionalProperties: false },
  );
}

function withoutNames<T>(record: Readonly<Record<string, T>>, names: object): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !Object.hasOwn(names, name)));
}

interface Expected {
  readonly schema: TObject;
  /** Names that a fault does not offer: nobody writes them by hand. */
  readonly silent: readonly string[];
}

const expected: ReadonlyMap<Operation, Expected> = new Map(
  operations.map((each) => {
    const silent = Object.keys(withoutNames(recorderOperands, each.operands.properties)).concat("op");
    return [each, { schema: operandsSchema(each), silent }];
  }),
);

/**
 * Checks a request as somebody wrote it, before anything begins.
 * @returns its operation.
 * @throws StepError
 */
export function checkRequest(request: StepRequest): Operation {
  const operation = operationOf(request.op);
  const { schema, silent } = expected.get(operation) as Expected;
  const fault = faultOf(schema, request, { silent });
  if (fault !== undefined) throw new StepError(`${operation.op}: ${fault.text}`, fault.place);
  operation.check?.(request);
  return operation;
}
