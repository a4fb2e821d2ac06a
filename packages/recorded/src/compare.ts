import { kernelOf, type Kernel } from "@memhp/kernels";
import { operationOf, type Pair, type RunDocument, type Trace, type TraceStep } from "@memhp/scenario";

type Json = Readonly<Record<string, unknown>>;

/** One thing in which memhp and the kernel disagree. */
export interface Difference {
  /** Number of the step, from 0. */
  readonly step: number;
  /** Path of what differs: `result.errno`, `zones.1.Movable.spanned`, `blocks.32.valid_zones`. */
  readonly what: string;
  readonly kernel: unknown;
  readonly memhp: unknown;
}

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
  let total = 0;
  let matched = 0;
  const differences: Difference[] = [];
  for (const [i, step] of document.steps.entries()) {
    const ours = trace.steps[i];
    if (step.recorded === undefined || ours === undefined) continue;
    const pairs = comparedFields(ran, step.recorded, ours);
    if (pairs === undefined) continue;
    total += 1;
    const found: Difference[] = [];
    for (const [what, kernel, memhp] of pairs) collect(what, kernel, memhp, i, found);
    if (found.length === 0) matched += 1;
    differences.push(...found);
  }
  return { total, matched, differences };
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
    ["uevents", recorded["uevents"] ?? [], ours.uevents ?? []],
    ["qmp_events", recorded["qmp_events"] ?? [], ours.qmp_events ?? []],
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
  // Keys may come in any order inside lists of objects.
  if (canonical(kernel) !== canonical(memhp)) found.push({ step, what, kernel, memhp });
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
