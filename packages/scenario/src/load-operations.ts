import { parseSize } from "@memhp/abi";
import { type LoadKind, loadKinds, type NodePolicy } from "@memhp/engine";
import type { LoadSpec, Machine } from "@memhp/machine";
import type { StepRequest } from "./document.ts";
import { StepError, text } from "./operands.ts";
import type { Operation } from "./operation.ts";

const modes = ["bind", "prefer", "interleave"] as const;
const NS_PER_S = 1e9;

function oneOf<T extends string>(request: StepRequest, name: string, allowed: readonly T[]): T | undefined {
  const value = request[name];
  if (value === undefined || (allowed as readonly unknown[]).includes(value)) return value as T | undefined;
  throw new StepError(`${request.op}: ${name}: ${JSON.stringify(value)} is not known (allowed: ${allowed.join(", ")})`);
}

function positive(request: StepRequest, name: string, value: unknown): number {
  if (typeof value !== "number" || !(value > 0))
    throw new StepError(`${request.op}: ${name}: expected a number above 0, found ${JSON.stringify(value)}`);
  return value;
}

/** `node: 3`, or `nodes: [0, 1]`; `policy` says how strictly. */
function policyOf(request: StepRequest, machine: Machine): NodePolicy | undefined {
  const raw = request["nodes"] ?? (request["node"] === undefined ? undefined : [request["node"]]);
  const mode = oneOf(request, "policy", modes);
  if (raw === undefined) {
    if (mode !== undefined) throw new StepError(`${request.op}: policy: ${mode} needs node or nodes`);
    return undefined;
  }
  const nodes: unknown[] = Array.isArray(raw) ? raw : [raw];
  const known = [...machine.map.nodes.keys()];
  for (const node of nodes) {
    if (!known.includes(node as number))
      throw new StepError(`${request.op}: node ${JSON.stringify(node)} does not exist (nodes: ${known.join(", ")})`);
  }
  if (nodes.length === 0) throw new StepError(`${request.op}: nodes: name at least one`);
  return { mode: mode ?? (nodes.length > 1 ? "interleave" : "prefer"), nodes: nodes as number[] };
}

/** `churn: 0.2` every second, or `churn: { fraction: 0.2, every: 0.5 }` in seconds. */
function churnOf(request: StepRequest): LoadSpec["churn"] {
  const raw = request["churn"];
  if (raw === undefined) return undefined;
  const { fraction, every = 1 } =
    typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>) : { fraction: raw };
  const part = positive(request, "churn", fraction);
  if (part > 1) throw new StepError(`${request.op}: churn: expected a part of the pages up to 1, found ${part}`);
  return { fraction: part, everyNs: Math.round(positive(request, "churn.every", every) * NS_PER_S) };
}

function loadSpec(request: StepRequest, machine: Machine): LoadSpec {
  const id = text(request, "id");
  if (machine.pages.loads.get(id) !== undefined)
    throw new StepError(`load: id: a load named ${JSON.stringify(id)} runs already`);
  const kind = oneOf(request, "kind", loadKinds);
  if (kind === undefined) throw new StepError(`load: kind is missing (allowed: ${loadKinds.join(", ")})`);
  const size = request["size"];
  if (typeof size !== "string" && typeof size !== "number")
    throw new StepError(`load: size: expected a size such as 1G, found ${JSON.stringify(size)}`);
  const sizeBytes = parseSize(size);
  if (sizeBytes === 0) throw new StepError("load: size: a size of 0 is no size");
  const pin = oneOf(request, "pin", ["short", "long"] as const);
  if (pin !== undefined && kind !== "pinned") throw new StepError("load: pin: only loads of kind pinned have pins");
  const policy = policyOf(request, machine);
  const churn = churnOf(request);
  const lifetime = request["for"];
  return {
    id,
    kind: kind satisfies LoadKind,
    sizeBytes,
    ...(policy === undefined ? {} : { policy }),
    ...(pin === undefined ? {} : { pin }),
    ...(churn === undefined ? {} : { churn }),
    ...(lifetime === undefined ? {} : { lifetimeNs: Math.round(positive(request, "for", lifetime) * NS_PER_S) }),
  };
}

function runningLoad(request: StepRequest, machine: Machine): string {
  const id = text(request, "id");
  if (machine.pages.loads.get(id) === undefined) {
    const known = machine.pages.loads.list().map((load) => load.id);
    throw new StepError(
      `${request.op}: id: no load ${JSON.stringify(id)} runs (running: ${known.join(", ") || "none"})`,
    );
  }
  return id;
}

/** Programs that use memory, and signals to those who write in the background. */
export const loadOperations: Readonly<Record<"load" | "unload" | "unpin" | "signal", Operation>> = {
  async load({ machine }, request) {
    const spec = loadSpec(request, machine);
    const { loads } = machine.pages;
    const started = await loads.start(spec);
    if (started.ok)
      return {
        result: { errno: 0, pages: loads.pagesOf(spec.id), nodes: Object.fromEntries(loads.placementOf(spec.id)) },
      };
    machine.emit({ type: "refusal", refusal: started.refusal });
    return { result: { errno: started.refusal.errno, pages: 0, nodes: {} } };
  },

  async unload({ machine }, request) {
    const pages = await machine.pages.loads.end(runningLoad(request, machine));
    return { result: { errno: 0, pages: pages ?? 0 } };
  },

  async unpin({ machine }, request) {
    await machine.pages.loads.unpin(runningLoad(request, machine));
    return { result: { errno: 0 } };
  },

  async signal({ background }, request) {
    const to = text(request, "to");
    if (await background.kill(to)) return { result: { errno: 0 } };
    throw new StepError(
      `signal: to: nothing named ${JSON.stringify(to)} runs (running: ${background.names().join(", ") || "none"})`,
    );
  },
};
