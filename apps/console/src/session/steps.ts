import { formatNumberList } from "@memhp/abi";
import type { StepRequest } from "@memhp/scenario";
import type { ContainerAction } from "./container-text.ts";
import type { LoadForm } from "./load-form.ts";
import type { StateWord } from "./state-words.ts";

/** What a person did, as steps of a scenario that does it again. */

export function blockStep(block: number, word: StateWord, background?: string): StepRequest {
  return { op: "block", n: block, v: word, ...(background === undefined ? {} : { background }) };
}

const types: Readonly<Record<Exclude<StateWord, "offline">, string>> = {
  online: "online",
  online_kernel: "kernel",
  online_movable: "movable",
};

export function bulkStep(blocks: readonly number[], word: StateWord): StepRequest {
  const list = formatNumberList(blocks);
  return word === "offline" ? { op: "offline", blocks: list } : { op: "online", blocks: list, type: types[word] };
}

/** @param nodes with memory, for a load on all of them. */
export function loadStep(
  { id, kind, size, where, policy, pin, churn }: LoadForm,
  nodes: readonly number[],
): StepRequest {
  const place =
    where === "any" ? {} : where === "all" ? { nodes, policy: "interleave" } : { node: Number(where), policy };
  return {
    op: "load",
    id: id.trim(),
    kind,
    size: size.trim(),
    ...place,
    ...(kind === "pinned" ? { pin } : {}),
    ...(churn > 0 ? { churn: Math.min(1, churn / 100) } : {}),
  };
}

export function containerStep(id: string, action: ContainerAction): StepRequest {
  if (action === "bus_check" || action === "device_check")
    return { op: "container", id, action: "add", notify: action };
  return { op: "container", id, action };
}
