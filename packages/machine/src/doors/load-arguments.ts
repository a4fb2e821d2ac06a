import { knownKeys, nonEmptyText, listOf, oneOf, record, wholeNumber } from "@memhp/abi";
import { loadKinds } from "@memhp/engine";
import type { LoadSpec } from "../pages/load-spec.ts";

const LOAD: readonly (keyof LoadSpec)[] = ["id", "kind", "sizeBytes", "policy", "pin", "churn", "lifetimeNs"];

/** @param nodes that the machine has. @throws RangeError, TypeError */
export function checkLoad(place: string, load: unknown, nodes: readonly number[]): asserts load is LoadSpec {
  record(place, load);
  knownKeys(place, load, LOAD);
  const { id, kind, sizeBytes, policy, pin, churn, lifetimeNs } = load;
  nonEmptyText(`${place}.id`, id);
  oneOf(`${place}.kind`, kind, loadKinds);
  wholeNumber(`${place}.sizeBytes`, sizeBytes, { unit: "bytes" });
  if (policy !== undefined) checkPolicy(`${place}.policy`, policy, nodes);
  if (pin !== undefined) oneOf(`${place}.pin`, pin, ["short", "long"]);
  if (churn !== undefined) checkChurn(`${place}.churn`, churn);
  if (lifetimeNs !== undefined) wholeNumber(`${place}.lifetimeNs`, lifetimeNs, { unit: "nanoseconds" });
}

function checkPolicy(place: string, policy: unknown, nodes: readonly number[]): void {
  record(place, policy);
  knownKeys(place, policy, ["mode", "nodes"]);
  oneOf(`${place}.mode`, policy["mode"], ["bind", "prefer", "interleave"]);
  listOf(`${place}.nodes`, policy["nodes"], (each, node) => oneOf(each, node, nodes), nodes.length);
}

function checkChurn(place: string, churn: unknown): void {
  record(place, churn);
  knownKeys(place, churn, ["fraction", "everyNs"]);
  const { fraction, everyNs } = churn;
  if (typeof fraction !== "number" || !(fraction >= 0 && fraction <= 1))
    throw new RangeError(`${place}.fraction: expected a number from 0 to 1, found ${String(fraction)}`);
  wholeNumber(`${place}.everyNs`, everyNs, { least: 1, unit: "nanoseconds" });
}
