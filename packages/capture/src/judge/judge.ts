import { offlineOrder } from "@memhp/block";
import type { HostRules } from "../rules/host-rules.ts";
import { Attempt } from "./attempt.ts";
import type { HostMemory } from "./host-memory.ts";
import { lookAt, type LookedBlock, useOf } from "./looked.ts";
import { endsAt } from "./steps.ts";
import { success } from "./success.ts";
import type { Verdict } from "./verdict.ts";

/** Says of every block of a host, alone, how an offline would end from the state that was captured. */
export function* judgeBlocks(memory: HostMemory, rules: HostRules): IterableIterator<Verdict> {
  for (const block of memory.host.blocks) yield judge(memory, lookAt(memory, block, rules), rules);
}

/** Says how an offline of one block would end. */
export function judge(memory: HostMemory, looked: LookedBlock, rules: HostRules): Verdict {
  const { block, node, zone } = looked;
  const at = { block: block.block, node: node ?? null, zone: zone ?? null };
  if (block.state === undefined) return { ...at, answer: "unknown", note: "Its state cannot be read." };
  if (block.state === "offline") return { ...at, zone: null, answer: "is_offline" };
  if (block.state === "going-offline") return { ...at, answer: "never_ends", note: UNDER_WAY };
  if (block.state !== "online")
    return { ...at, answer: "unknown", note: `Its state reads ${JSON.stringify(block.state.slice(0, 40))}.` };
  return { ...at, ...attempted(new Attempt(memory, looked, rules)) };
}

/** facts §2.2: `state` reads so from the first notification to the end of an attempt. */
const UNDER_WAY =
  "state reads going-offline: somebody's attempt is under way, or stuck. Another one waits for its end, or for a signal to its writer.";

/** The end at the first step, on the way that the statechart takes, that an offline does not pass. */
function attempted(attempt: Attempt): Omit<Verdict, "block" | "node" | "zone"> {
  for (const step of offlineOrder()) {
    const end = endsAt[step]?.(attempt);
    if (end === undefined) continue;
    // Before its isolation nobody looks at pages.
    const isLookedAt = step !== "check" && attempt.knowsPages;
    return isLookedAt ? { use: useOf(attempt.memory, attempt.looked), ...end } : end;
  }
  return { use: useOf(attempt.memory, attempt.looked), ...success(attempt) };
}
