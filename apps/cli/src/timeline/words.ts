import { formatNumberList, formatSize, notifierToErrno, type SimEvent, stopsChain } from "@memhp/abi";
import { eventWords, ostWords } from "@memhp/acpi";

type EventOf<Type extends SimEvent["type"]> = Extract<SimEvent, { type: Type }>;

/** What firmware tells the kernel of a device. */
export function acpiNotifyText({ device, value }: EventOf<"acpi_notify">): string {
  return `notifies the kernel: ${eventWords(value)} of ${device}`;
}

/** What happened to the machine, outside of its kernel. */
export function machineText(
  event: EventOf<"device_deleted" | "unplug_refused" | "memory_size_change" | "balloon_change" | "reset">,
): string {
  switch (event.type) {
    case "device_deleted":
      return `${event.device} is gone`;
    case "unplug_refused":
      return `${event.device} stays: the guest put back what it had taken out`;
    case "memory_size_change":
      return `${event.device} has ${formatSize(event.sizeBytes)} plugged`;
    case "balloon_change":
      return `${event.device} leaves the guest ${formatSize(event.actualBytes)}`;
    default:
      return "the guest is reset";
  }
}

/** What the kernel answered to firmware. */
export function ostText({ device, slot, source, status }: EventOf<"acpi_ost">): string {
  return `is told by _OST: ${eventWords(source)} of ${device ?? `slot ${slot}`}: ${ostWords(source, status)}`;
}

/** The calls of one action: who was asked, and what they answered. Who is not named was not asked. */
export function notifierText(calls: readonly EventOf<"notifier" | "node_notifier">[]): string {
  const [first] = calls;
  if (first === undefined) return "";
  const answers = calls.map(({ name, ret }) => ({ name, answer: answerText(ret) }));
  const alike = answers.every(({ answer }) => answer === answers[0]?.answer);
  const said = alike
    ? `${answers.map(({ name }) => name).join(", ")}: ${answers[0]?.answer}`
    : answers.map(({ name, answer }) => `${name}: ${answer}`).join(", ");
  const numbers =
    first.type === "node_notifier"
      ? { node: first.nid }
      : { status_change_nid_normal: first.statusChangeNidNormal, status_change_nid: first.statusChangeNid };
  const told = Object.entries(numbers).filter(([, number]) => (number ?? -1) >= 0);
  const changes = told.map(([name, number]) => `${name} ${number}`).join(", ");
  return `${first.action}${changes === "" ? "" : ` (${changes})`} → ${said}`;
}

function answerText(ret: number): string {
  const errno = notifierToErrno(ret);
  if (errno !== 0) return `${errno}, which ends the walk`;
  if (stopsChain(ret)) return "STOP";
  return ret === 0 ? "DONE" : "OK";
}

/** The numbers of a zone that a reader follows. */
export interface ZoneNumbers {
  readonly startPfn: number;
  readonly spannedPages: number;
  readonly presentPages: number;
}

/** A zone's numbers before and after; `before` undefined where nothing was known of it. */
export interface ZoneChange {
  readonly zone: string;
  readonly node: number;
  readonly before: ZoneNumbers | undefined;
  readonly after: ZoneNumbers;
}

const noZone: ZoneNumbers = { startPfn: 0, spannedPages: 0, presentPages: 0 };

/** What changed in a zone's numbers; undefined where nothing did. */
export function zoneText({ zone, node, before = noZone, after }: ZoneChange, pageSize: number): string | undefined {
  const changes: string[] = [];
  const changed = (name: string, a: number, b: number): void => {
    if (a !== b) changes.push(`${name} ${a} → ${b}`);
  };
  // An empty zone begins nowhere.
  if (before.spannedPages === 0 && after.spannedPages > 0) changes.push(`start_pfn ${after.startPfn}`);
  else if (after.spannedPages > 0) changed("start_pfn", before.startPfn, after.startPfn);
  changed("spanned", before.spannedPages, after.spannedPages);
  changed("present", before.presentPages, after.presentPages);
  if (changes.length === 0) return undefined;
  return `zone ${zone} of node ${node}: ${changes.join(", ")} pages${sizeText(after.presentPages, pageSize)}`;
}

/** Zones of one name on many nodes, added up. */
export function zoneSumText(changes: readonly ZoneChange[], pageSize: number): string {
  const sum = (pages: (change: ZoneChange) => number): number =>
    changes.reduce((total, change) => total + pages(change), 0);
  const before = sum((change) => change.before?.presentPages ?? 0);
  const after = sum((change) => change.after.presentPages);
  const nodes = formatNumberList(changes.map(({ node }) => node));
  return `zone ${changes[0]?.zone} of nodes ${nodes}: present ${before} → ${after} pages${sizeText(after, pageSize)}`;
}

function sizeText(pages: number, pageSize: number): string {
  return pages === 0 ? "" : ` (${formatSize(pages * pageSize)})`;
}

/** How many pages moved to each node, in the order in which the nodes were first used. */
export function migrateTexts(moves: readonly EventOf<"migrate">[]): string[] {
  const pages = new Map<number, number>();
  for (const move of moves) pages.set(move.targetNode, (pages.get(move.targetNode) ?? 0) + move.pages);
  return [...pages].map(([node, count]) => `${pagesText(count)} moved to node ${node}`);
}

export function pagesText(count: number): string {
  return `${count} page${count === 1 ? "" : "s"}`;
}

/** `/devices/system/memory/memory32` is `memory32`; other paths stay whole. */
export function shortDevpath(devpath: string): string {
  return devpath.replace(/^\/devices\/system\/(?:memory|node|container)\//, "");
}
