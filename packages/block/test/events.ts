import type { Refusal } from "@memhp/abi";
import type { BlockEvent, BlockPorts, BlockStep } from "@memhp/block";

export const busy: Refusal = { errno: "EBUSY", code: "unmovable_page", rule: "facts §4.3", retry: "no", remedy: [] };

/** One event of each kind. */
export const everyEvent: readonly BlockEvent[] = [
  { type: "ONLINE", onlineType: "movable" },
  { type: "OFFLINE" },
  { type: "REMOVE" },
  { type: "DONE" },
  { type: "AGAIN" },
  { type: "FAILED", refusal: busy },
];

/** `ONLINE` and so on, for a test's words. */
export function eventOf(type: BlockEvent["type"]): BlockEvent {
  return everyEvent.find((event) => event.type === type) as BlockEvent;
}

/** Ports that only write down what they are asked to begin. */
export function recordingPorts(): BlockPorts & { readonly performed: readonly BlockStep[] } {
  const performed: BlockStep[] = [];
  return { performed, perform: (step) => void performed.push(step) };
}
