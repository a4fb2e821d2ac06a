import { errnoFromNumber, errnoText, NOTIFY_STOP_MASK, notifierToErrno, type Refusal, type SimEvent } from "@memhp/abi";

type EventOf<Type extends SimEvent["type"]> = Extract<SimEvent, { type: Type }>;

const notifyValues: Readonly<Record<number, string>> = { 0: "bus check", 1: "device check", 3: "eject request" };

/** What firmware tells the kernel of a device. */
export function acpiNotifyText({ device, value }: EventOf<"acpi_notify">): string {
  return `${notifyValues[value] ?? `notify ${value}`} of ${device}`;
}

const ostSources: Readonly<Record<number, string>> = {
  0: "bus check",
  1: "insertion",
  3: "eject request",
  0x103: "eject by sysfs",
};
/** Codes of the ACPI specification, 6.3.5 (facts/kernel.md §6.4). */
const ostStatuses: Readonly<Record<number, string>> = {
  0: "success",
  1: "failure",
  0x80: "device not present",
  0x81: "device in use",
  0x82: "device busy",
  0x83: "dependency busy",
  0x84: "in progress",
};

/** What the kernel answered to firmware. */
export function ostText({ device, slot, source, status }: EventOf<"acpi_ost">): string {
  const what = ostSources[source] ?? `event 0x${source.toString(16)}`;
  return `_OST of ${device ?? `slot ${slot}`}: ${what}: ${ostStatuses[status] ?? "status"} (0x${status.toString(16)})`;
}

/** One callback's answer: `OK`, or the errno that stops the chain. */
export function notifierAnswer(ret: number): string {
  if ((ret & NOTIFY_STOP_MASK) === 0) return ret === 0 ? "DONE" : "OK";
  const errno = notifierToErrno(ret);
  return errno === 0 ? "STOP" : `${errnoFromNumber(Math.abs(errno))?.toString() ?? errno}`;
}

export function refusalHeadline(refusal: Refusal): string {
  const { errno, code, detail, pages, total } = refusal;
  const first = pages?.[0];
  const where =
    detail ?? (first === undefined ? undefined : `pfn ${first.pfn} is a ${first.kind} page (${total ?? pages?.length} in all)`);
  return `${errno} ${code}${where === undefined ? `: ${errnoText(errno)}` : `: ${where}`}`;
}

/** `/devices/system/memory/memory32` is `memory32`; other paths stay whole. */
export function shortDevpath(devpath: string): string {
  return devpath.replace(/^\/devices\/system\/(?:memory|node)\//, "");
}
