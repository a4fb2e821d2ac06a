import type { SimEvent } from "@memhp/abi";

/** What happened to one block from the moment it left a state of rest until it was at rest again. */
export interface Episode {
  readonly kind: "episode";
  readonly node: number;
  readonly block: number;
  readonly events: readonly SimEvent[];
}

/** Blocks to which the same happened: one after another on a node, and beside each other on several. */
interface EpisodeRun {
  readonly kind: "episodes";
  readonly episodes: readonly Episode[];
}

export interface LooseEvent {
  readonly kind: "loose";
  readonly event: SimEvent;
}

export type TimelineItem = EpisodeRun | LooseEvent;

const isRest = (state: string): boolean => !state.startsWith("going_");

/**
 * Sorts the events of a step by the block that they belong to. Nodes work beside each other and a node takes
 * its blocks one by one, so what a node says belongs to the block that it has in hand.
 */
export function groupEvents(events: readonly SimEvent[]): TimelineItem[] {
  const items: (LooseEvent | { kind: "episode"; node: number; block: number; events: SimEvent[] })[] = [];
  const inHand = new Map<number, { kind: "episode"; node: number; block: number; events: SimEvent[]; over: boolean }>();
  for (const event of withoutRepeatedRefusals(events)) {
    // A round of migration after another is the same state.
    if (event.type === "block" && event.from === event.to) continue;
    const current = inHand.get(event.node);
    if (event.type === "block" && (current === undefined || current.over || current.block !== event.block)) {
      const begun = {
        kind: "episode" as const,
        node: event.node,
        block: event.block,
        events: [event as SimEvent],
        over: isRest(event.to),
      };
      inHand.set(event.node, begun);
      items.push(begun);
    } else if (
      current !== undefined &&
      (!current.over || (event.type === "refusal" && event.refusal.block === current.block))
    ) {
      current.events.push(event);
      if (event.type === "block") current.over = isRest(event.to);
    } else {
      items.push({ kind: "loose", event });
    }
  }
  return mergeNodes(mergeAlike(items));
}

/** The machine repeats a shard's refusal for the writer of the file. */
function withoutRepeatedRefusals(events: readonly SimEvent[]): SimEvent[] {
  let last: string | undefined;
  return events.filter((event) => {
    if (event.type !== "refusal") return true;
    const text = JSON.stringify(event.refusal);
    const repeated = event.node === -1 && text === last;
    last = text;
    return !repeated;
  });
}

interface AlikeRun {
  readonly kind: "alike";
  readonly likeness: string;
  readonly episodes: Episode[];
}

/** Puts episodes of one node together that are alike and follow one another. */
function mergeAlike(items: readonly (LooseEvent | Episode)[]): (LooseEvent | AlikeRun)[] {
  const merged: (LooseEvent | AlikeRun)[] = [];
  const lastOfNode = new Map<number, AlikeRun>();
  for (const item of items) {
    if (item.kind === "loose") {
      // What comes after firmware is another chapter.
      if (item.event.node === -1) lastOfNode.clear();
      merged.push(item);
      continue;
    }
    const likenesses = item.events.map(likenessOf);
    // It does not matter in how many batches pages move.
    const likeness = likenesses.filter((text, i) => text !== likenesses[i - 1]).join("\n");
    const last = lastOfNode.get(item.node);
    if (last?.likeness === likeness) {
      last.episodes.push(item);
    } else {
      const run: AlikeRun = { kind: "alike", likeness, episodes: [item] };
      lastOfNode.set(item.node, run);
      merged.push(run);
    }
  }
  return merged;
}

/** As many nodes as may do the same and still be told one by one. */
const MAX_ALIKE_NODES = 2;

/** Puts the runs of nodes together that went through the same beside each other. */
function mergeNodes(items: readonly (LooseEvent | AlikeRun)[]): TimelineItem[] {
  return chapters(items).flatMap((chapter) => {
    const nodesOf = (likeness: string): number =>
      chapter.filter((item) => item.kind === "alike" && item.likeness === likeness).length;
    const merged: (LooseEvent | AlikeRun)[] = [];
    for (const item of chapter) {
      const isOften = item.kind === "alike" && (item.episodes.length > 1 || nodesOf(item.likeness) > MAX_ALIKE_NODES);
      const other = isOften
        ? merged.find((before) => before.kind === "alike" && before.likeness === item.likeness)
        : undefined;
      if (other?.kind === "alike" && item.kind === "alike") other.episodes.push(...item.episodes);
      else merged.push(item);
    }
    return merged.map((item): TimelineItem =>
      item.kind === "loose" ? item : { kind: "episodes", episodes: item.episodes },
    );
  });
}

/** Firmware and the machine act between blocks; what comes after is another chapter. */
function chapters(items: readonly (LooseEvent | AlikeRun)[]): (LooseEvent | AlikeRun)[][] {
  const found: (LooseEvent | AlikeRun)[][] = [[]];
  for (const item of items) {
    const isOutside = item.kind === "loose" && item.event.node === -1;
    if (isOutside) found.push([item]);
    else found.at(-1)?.push(item);
  }
  return found;
}

/** An event without the numbers that differ from block to block. */
function likenessOf(event: SimEvent): string {
  const unnumbered = (text: string): string => text.replaceAll(/\d+/g, "#");
  switch (event.type) {
    case "block":
      return `${event.from}>${event.to}`;
    case "notifier":
      return `${event.name} ${event.action} ${event.ret} ${event.statusChangeNidNormal} ${event.statusChangeNid}`;
    case "zone":
      return `zone ${event.zone}`;
    case "uevent":
      return `${event.action}@${unnumbered(event.devpath)}`;
    case "refusal":
      return `${event.refusal.errno} ${event.refusal.code} ${event.refusal.rule}`;
    case "migrate":
      return `migrate ${event.targetNode}`;
    case "log":
      return unnumbered(event.text);
    default:
      return event.type;
  }
}
