import type { TSchema } from "@sinclair/typebox";
import { SCENARIO_FORMAT } from "../step.ts";
import { kernels } from "@memhp/kernels";
import { word } from "../operations/operands.ts";
import { operations } from "../operations/list.ts";
import { operandsSchema } from "../step-request.ts";
import { givenOfStep, scenarioSchema } from "./document-schema.ts";
import { longForm, shortForm } from "./machine-schema.ts";
import { Type } from "./type.ts";

/** The JSON Schema of scenarios, made of the same schemas that the parser reads with. */
export function scenarioJsonSchema(): Readonly<Record<string, unknown>> {
  const besides = {
    expect: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: "Part of what the step must answer" }),
    ),
    given: Type.Optional(givenOfStep),
  };
  const steps = operations.map((operation): TSchema => {
    const { properties, ...rest } = operandsSchema(operation);
    // What relates operands to each other, such as "either ms or s".
    const { type: _type, properties: _, required: _r, additionalProperties: _a, ...related } = operation.operands;
    return {
      ...rest,
      title: operation.op,
      description: operation.about,
      properties: { ...properties, ...besides },
      examples: [operation.example],
      ...related,
    };
  });
  return plain({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: SCENARIO_FORMAT,
    title: "memhp scenario",
    description:
      "A machine, a kernel and steps that memhp carries out. A recorded kernel trace (memhp-kernel-trace/1) is a scenario too, with each request under `step`.",
    ...scenarioSchema,
    properties: {
      ...scenarioSchema.properties,
      format: { const: SCENARIO_FORMAT },
      kernel: word(
        kernels.map(({ id }) => id),
        { description: "Kernel whose rules are used; in YAML write it in quotes" },
      ),
      machine: { anyOf: [longForm, shortForm] },
      steps: { ...scenarioSchema.properties["steps"], items: { anyOf: steps } },
    },
  });
}

/** Without what only TypeBox reads; what contains itself stands once, under `$defs`. */
function plain(schema: object): Readonly<Record<string, unknown>> {
  const $defs: Record<string, unknown> = {};
  const text = JSON.stringify(schema, (key, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    const { $id, $ref, ...rest } = value as { readonly $id?: string; readonly $ref?: string };
    if (key !== "" && $id !== undefined)
      $defs[$id] = JSON.parse(JSON.stringify(rest).replaceAll(`"$ref":"${$id}"`, `"$ref":"#/$defs/${$id}"`));
    if (key !== "" && $id !== undefined) return { $ref: `#/$defs/${$id}` };
    return $ref === undefined ? value : { $ref: `#/$defs/${$ref}` };
  });
  return { ...(JSON.parse(text) as object), $defs };
}
