import { eventWords as acpiWords, isOstFailure, ostWords } from "@memhp/acpi";
import { errnoText, formatSize, notifierToErrno, refusalSentences, type SimEvent } from "@memhp/abi";

const hex = (value: number): string => `0x${value.toString(16)}`;

/** What a callback of a notifier chain answered. */
function answerWords(ret: number): string {
  const errno = notifierToErrno(ret);
  return errno === 0 ? "ok" : `${errno} (${errnoText(errno)})`;
}

/** One event in one line. */
export function eventWords(event: SimEvent): string {
  switch (event.type) {
    case "acpi_notify":
      return `${event.device}: ${acpiWords(event.value)}`;
    case "acpi_ost":
      return `${event.device ?? `slot ${event.slot}`}: ${acpiWords(event.source)}: ${ostWords(event.source, event.status)}`;
    case "device_deleted":
      return `${event.device} left the machine`;
    case "unplug_refused":
      return `${event.device} stays: the guest put back what it had taken out`;
    case "memory_size_change":
      return `${event.device}: ${formatSize(event.sizeBytes)} plugged`;
    case "block":
      return `memory${event.block}: ${event.from} → ${event.to}`;
    case "notifier":
      return `${event.action} to ${event.name}: ${answerWords(event.ret)}; pfn ${hex(event.startPfn)}, ${event.nrPages} pages`;
    case "node_notifier":
      return `${event.action} to ${event.name}: ${answerWords(event.ret)}; node ${event.nid}`;
    case "uevent":
      return `${event.action}@${event.devpath}`;
    case "zone":
      return `${event.zone}: start ${hex(event.startPfn)}, spanned ${event.spannedPages}, present ${event.presentPages}, managed ${event.managedPages}`;
    case "migrate":
      return `memory${event.block}: ${event.pages} pages to node ${event.targetNode}`;
    case "refusal": {
      const { errno, code, block } = event.refusal;
      return `${block === undefined ? "" : `memory${block}: `}${errno} ${code}: ${refusalSentences(event.refusal)[0]}`;
    }
    case "reset":
      return "the guest is reset";
    case "balloon_change":
      return `${event.device}: the guest has ${formatSize(event.actualBytes)}`;
    case "load":
      return `${event.id} (${event.kind}) ${event.change}: ${event.pages} pages`;
    case "log":
      return event.text;
    default:
      return `echo ${event.data.trimEnd()} > ${event.path}: ${event.errno === 0 ? `${event.ret} bytes` : `${event.errno} (${errnoText(event.errno)})`}`;
  }
}

/** The block that an event is about, where it is about one. */
export function blockOf(event: SimEvent): number | undefined {
  if (event.type === "block" || event.type === "migrate") return event.block;
  if (event.type === "refusal") return event.refusal.block;
  const path = event.type === "uevent" ? event.devpath : event.type === "file_write" ? event.path : "";
  const found = /\/memory(\d+)(?:\/|$)/.exec(path);
  return found === null ? undefined : Number(found[1]);
}

/** True for what went wrong: refusals, failed writes, vetoes, devices that stay, _OST of what came to nothing. */
export function isTrouble(event: SimEvent): boolean {
  if (event.type === "refusal" || event.type === "unplug_refused") return true;
  if (event.type === "file_write") return event.errno !== 0;
  if (event.type === "notifier" || event.type === "node_notifier") return notifierToErrno(event.ret) !== 0;
  return event.type === "acpi_ost" && isOstFailure(event.source, event.status);
}
