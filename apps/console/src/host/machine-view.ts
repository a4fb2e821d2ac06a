import { groupBy, type ErrnoName, errnoFromNumber, formatNumberList, refusalSentences } from "@memhp/abi";
import { dimmsOf } from "@memhp/devices";
import type { Machine } from "@memhp/machine";
import { placementWords } from "../session/placement-words.ts";
import type { Session } from "../session/session.ts";
import { type InjectAction, injectActions } from "../session/state-words.ts";
import { sizeWords } from "../words/size-words.ts";
import type { LiveView, PartsView } from "./views.ts";

export function liveView({ machine, going, log, progress }: Session): LiveView {
  return {
    nowNs: machine.nowNs,
    going,
    isBusy: machine.isBusy,
    events: { end: log.end, dropped: log.dropped },
    progress,
  };
}

/** What no part that comes later is needed for. */
export function partsView({ machine }: Session): Omit<PartsView, "history" | "host" | "containers" | "devices"> {
  const { board, spec, map } = machine;
  return {
    kernel: machine.kernel.id,
    possibleNodes: board.possibleNodes.length,
    dimmNodes: [...Array(Math.max(1, spec.nodes.length)).keys()],
    loadNodes: [...map.nodes.keys()].sort((a, b) => a - b),
    blockBytes: board.blockSizeBytes,
    pageBytes: machine.pageSize,
    slots: spec.slots,
    dimms: dimmsOf(machine)
      .list()
      .map(({ id, node, sizeBytes, addr }) => ({ id, node, sizeBytes, blocks: blocksText(machine, addr, sizeBytes) })),
    loads: machine.pages.loads
      .list()
      .map(({ id, kind, sizeBytes }) => ({ id, kind, sizeBytes, where: placementWords(machine, id) })),
    injected: Object.fromEntries(injectActions.map((action) => [action, injectedAt(machine, action)])) as Record<
      InjectAction,
      ErrnoName | "none"
    >,
    bootRefusals: [...bootWords(machine.bootRefusals), ...ignoredWords(machine.ignored)],
  };
}

/** A thousand DIMMs may be refused for one reason; it is told once. */
function bootWords(refused: Machine["bootRefusals"]): string[] {
  const byReason = groupBy(
    refused,
    ({ sizeBytes, refusal }) => `(${sizeWords(sizeBytes)}) not taken at boot. ${refusalSentences(refusal)[0]}`,
  );
  return [...byReason].map(([reason, [first, ...more]]) =>
    more.length === 0 ? `${first?.device} ${reason}` : `${first?.device} and ${more.length} more ${reason}`,
  );
}

function ignoredWords(ignored: Machine["ignored"]): string[] {
  return [...new Set(ignored.map(({ where, word, why }) => `Ignored, ${where}: ${word} (${why})`))];
}

export function blocksText(machine: Machine, start: number, size: number): string {
  return formatNumberList(machine.blocksOf({ start, size }));
}

function injectedAt({ errorInjection }: Machine, action: InjectAction): ErrnoName | "none" {
  const value = errorInjection?.errors[action] ?? 0;
  if (typeof value !== "number") return value;
  return value === 0 ? "none" : (errnoFromNumber(value) as ErrnoName);
}
