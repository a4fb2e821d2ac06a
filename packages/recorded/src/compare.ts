import { kernelOf, type Kernel } from "@memhp/kernels";
import { type ToldInStep, withoutTiming } from "./beside-steps.ts";
import type { Difference } from "./difference.ts";
import { leftOver, operationOf, type Pair, type RunDocument, type Trace, type TraceStep } from "@memhp/scenario";

type Json = Readonly<Record<string, unknown>>;

/** How far a run and a kernel agree. */
export interface Comparison {
  /** Steps that can be compared. */
  readonly total: number;
  /** Steps without a difference. */
  readonly matched: number;
  readonly differences: readonly Difference[];
}

/**
 * Compares a run of a kernel trace with what the kernel did, step by step.
 * @param ran the kernel that ran; memhp's own of that id unless it was the caller's.
 */
export function compareWithKernel(
  document: RunDocument,
  trace: Trace,
  ran: Kernel = kernelOf(document.kernel),
): Comparison {
  const compared: number[] = [];
  const told: ToldInStep[] = [];
  const found: Difference[] = [];
  for (const [i, step] of document.steps.entries()) {
    const ours = trace.steps[i];
    if (step.recorded === undefined || ours === undefined) continue;
    told.push({ step: i, kernel: toldOf(step.recorded), memhp: toldOf(ours as unknown as Json) });
    const pairs = comparedFields(ran, step.recorded, ours);
    if (pairs === undefined) continue;
    compared.push(i);
    for (const [what, kernel, memhp] of pairs) collect(what, kernel, memhp, i, found);
  }
  const hasOwnWork = document.steps.some(({ request }) => request.op.startsWith("vmem_"));
  const differences = hasOwnWork ? withoutTiming(found, told) : found;
  const differing = new Set(differences.map(({ step }) => step));
  const total = compared.length;
  return { total, matched: total - differing.size, differences };
}

function toldOf(step: Json): ToldInStep["kernel"] {
  return { uevents: guestUevents(step["uevents"]), notifications: list(step["notifications"]) };
}

/** What of a step is compared; undefined where nothing can be (the guest's own programs, a crashed guest). */
function comparedFields(ran: Kernel, recorded: Json, ours: TraceStep): readonly Pair[] | undefined {
  const result = recorded["result"];
  // The guest crashed or hung in the call.
  if (!isRecord(result) || !isRecord(ours.result) || neverReturned(recorded)) return undefined;
  const removableIsScan = ran.zones.removableFile === "page-scan";
  const own = operationOf(ours.step.op).compared?.(result, ours.result, removableIsScan, ours.step);
  if (own === undefined) return undefined;
  const pairs: Pair[] = [
    ...own,
    ["uevents", guestUevents(recorded["uevents"]), guestUevents(ours.uevents)],
    ["qmp_events", others(recorded["qmp_events"]), others(ours.qmp_events)],
    ...lastSizes(recorded["qmp_events"], ours.qmp_events, result["plugged"]),
  ];
  if (ran.recorder.notifications)
    pairs.push(["notifications", recorded["notifications"] ?? [], ours.notifications ?? []]);
  if (recorded["after_state"] !== undefined && ours.after_state !== undefined) {
    const state = operationOf("state");
    const after = state.compared?.(recorded["after_state"] as Json, ours.after_state, removableIsScan, ours.step) ?? [];
    for (const [what, kernel, memhp] of after) pairs.push([`after_state.${what}`, kernel, memhp]);
  }
  return pairs;
}

/** Uevents without those of wakeup sources, which are numbered over all devices of a guest. */
function guestUevents(uevents: unknown): readonly unknown[] {
  const isWakeup = (each: unknown): boolean => isRecord(each) && each["SUBSYSTEM"] === "wakeup";
  return list(uevents).filter((each) => !isWakeup(each));
}

const isSize = (each: unknown): each is Json => isRecord(each) && each["event"] === "MEMORY_DEVICE_SIZE_CHANGE";

function others(events: unknown): readonly unknown[] {
  return list(events).filter((each) => !isSize(each));
}

/**
 * How many sizes a monitor tells is a matter of time, and the last may come in a later step (observed-newer §2, §7): it is compared
 * where the kernel's is what came of the step.
 */
function lastSizes(kernel: unknown, memhp: unknown, plugged: unknown): Pair[] {
  const last = (events: unknown): unknown => list(events).findLast(isSize)?.["size"];
  const [size, own] = [last(kernel), last(memhp)];
  if (size !== plugged || own === undefined) return [];
  return [["last size told", leftOver(size), leftOver(own)]];
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The caller died in the kernel; later recorders say so in the log alone (7.3: l_add_memory_errnos). */
function neverReturned({ result, kernel_log }: Json): boolean {
  const died = Array.isArray(kernel_log) && kernel_log.some((line) => String(line).startsWith("kernel BUG at "));
  return died || (isRecord(result) && result["never_returned"] === true);
}

/** Differences of two JSON values, each at its path. */
function collect(what: string, kernel: unknown, memhp: unknown, step: number, found: Difference[]): void {
  if (isRecord(kernel) && isRecord(memhp)) {
    for (const key of new Set([...Object.keys(kernel), ...Object.keys(memhp)]))
      collect(`${what}.${key}`, kernel[key], memhp[key], step, found);
    return;
  }
  // Keys may come in any order inside lists of objects; mostly it is the same.
  if (JSON.stringify(kernel) !== JSON.stringify(memhp) && canonical(kernel) !== canonical(memhp))
    found.push({ step, what, kernel, memhp });
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, item: unknown) =>
      isRecord(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
    ) ?? "undefined"
  );
}
