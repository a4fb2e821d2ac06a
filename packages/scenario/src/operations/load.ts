import type { Errno } from "@memhp/abi";
import { loadKinds, type NodePolicy } from "@memhp/engine";
import type { LoadSpec, Machine } from "@memhp/machine";
import type { Static } from "@sinclair/typebox";
import { bytesOf, count, MAX_SECONDS, name, size, word } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { StepError } from "./step-error.ts";
import { failed, pages } from "./words.ts";
import { Type } from "../schema/type.ts";

const NS_PER_S = 1e9;

const fraction = Type.Number({ exclusiveMinimum: 0, maximum: 1 });
const period = { exclusiveMinimum: 0, maximum: MAX_SECONDS };

const operands = Type.Object(
  {
    id: name({ description: "Its pages are owned by load:ID" }),
    kind: word(loadKinds, { description: "What its pages are" }),
    size: size(),
    node: Type.Optional(count({ description: "The node where its pages should lie" })),
    nodes: Type.Optional(
      Type.Array(count(), {
        minItems: 1,
        maxItems: 1024,
        description: "Several nodes, by turns unless `policy` says otherwise",
      }),
    ),
    policy: Type.Optional(
      word(["bind", "prefer", "interleave"], {
        description: "How strictly node or nodes are meant; by default prefer, of several nodes interleave",
      }),
    ),
    pin: Type.Optional(
      word(["short", "long"], { description: "Of kind pinned: 6.x keeps long pins out of ZONE_MOVABLE" }),
    ),
    churn: Type.Optional(
      Type.Union(
        [
          fraction,
          Type.Object({ fraction, every: Type.Optional(Type.Number(period)) }, { additionalProperties: false }),
        ],
        {
          description:
            "It frees this part of its pages and allocates as many anew, every so many seconds (by default every second)",
        },
      ),
    ),
    for: Type.Optional(Type.Number({ ...period, description: "It ends by itself after so many seconds" })),
  },
  {
    dependentSchemas: {
      policy: { anyOf: [{ required: ["node"] }, { required: ["nodes"] }] },
      nodes: { not: { required: ["node"] } },
      pin: { properties: { kind: { const: "pinned" } } },
    },
  },
);
type Operands = Static<typeof operands>;

/** `node: 3`, or `nodes: [0, 1]`; `policy` says how strictly. */
function policyOf({ node, nodes, policy }: Operands, machine: Machine): NodePolicy | undefined {
  const chosen = nodes ?? (node === undefined ? undefined : [node]);
  if (chosen === undefined) return undefined;
  const known = machine.map.nodes;
  const missing = chosen.find((each) => !known.has(each));
  if (missing !== undefined)
    throw new StepError(
      `load: node ${missing} does not exist (nodes: ${[...known.keys()].join(", ")})`,
      nodes === undefined ? "node" : "nodes",
    );
  return { mode: policy ?? (chosen.length > 1 ? "interleave" : "prefer"), nodes: chosen };
}

/** `churn: 0.2` every second, or `churn: { fraction: 0.2, every: 0.5 }` in seconds. */
function churnOf(churn: Operands["churn"]): LoadSpec["churn"] {
  if (churn === undefined) return undefined;
  const { fraction, every = 1 } = typeof churn === "number" ? { fraction: churn } : churn;
  return { fraction, everyNs: Math.round(every * NS_PER_S) };
}

function specOf(operands: Operands, machine: Machine): LoadSpec {
  const policy = policyOf(operands, machine);
  const churn = churnOf(operands.churn);
  return {
    id: operands.id,
    kind: operands.kind,
    sizeBytes: bytesOf("load", "size", operands.size),
    ...(policy === undefined ? {} : { policy }),
    ...(operands.pin === undefined ? {} : { pin: operands.pin }),
    ...(churn === undefined ? {} : { churn }),
    ...(operands.for === undefined ? {} : { lifetimeNs: Math.round(operands.for * NS_PER_S) }),
  };
}

export const load: Operation = operation({
  op: "load",
  about: "Starts a program that uses memory: all of its pages, or with ENOMEM none",
  operands,
  check({ size, node, nodes, policy, pin, kind }) {
    bytesOf("load", "size", size);
    if (policy !== undefined && node === undefined && nodes === undefined)
      throw new StepError(`load: policy: ${policy} needs node or nodes`, "policy");
    if (node !== undefined && nodes !== undefined)
      throw new StepError("load: expected node or nodes, found both", "nodes");
    if (pin !== undefined && kind !== "pinned")
      throw new StepError("load: pin: only loads of kind pinned have pins", "pin");
  },
  acts: {
    on: "machine",
    async perform({ machine }, operands) {
      const { id } = operands;
      const { loads } = machine.pages;
      if (loads.get(id) !== undefined)
        throw new StepError(`load: id: a load named ${JSON.stringify(id)} runs already`, "id");
      const started = await loads.start(specOf(operands, machine));
      if (started.ok)
        return { result: { errno: 0, pages: loads.pagesOf(id), nodes: Object.fromEntries(loads.placementOf(id)) } };
      machine.tell(started.refusal);
      return { result: { errno: started.refusal.errno, pages: 0, nodes: {} } };
    },
  },
  asked({ id, kind, size, node, nodes, policy, pin, churn }) {
    const where = nodes ?? (node === undefined ? [] : [node]);
    const mode = policy ?? (where.length > 1 ? "interleave" : "prefer");
    const traits = [
      `${size} of ${kind}`,
      ...(where.length === 0 ? [] : [`${mode} node${where.length === 1 ? "" : "s"} ${where.join(", ")}`]),
      ...(pin === "long" ? ["long pins"] : []),
      ...(churn === undefined ? [] : ["churns"]),
    ];
    return `start load ${id}: ${traits.join(", ")}`;
  },
  outcome({ result }) {
    if (result["errno"] !== 0) return failed(result["errno"] as Errno);
    const nodes = Object.entries(result["nodes"] as Readonly<Record<string, number>>);
    return { outcome: nodes.map(([node, count]) => `${pages(count)} on node ${node}`).join(", "), good: true };
  },
  bulk: "pages",
  staysInMachine: true,
  example: { op: "load", id: "db", kind: "anon", size: "512M", node: 0 },
});
