import type { StepRequest, Trace, TraceStep } from "@memhp/scenario";

type Json = Readonly<Record<string, unknown>>;

/** One thing that kernels do not do alike: the value under each kernel, null where there is none. */
interface KernelDifference {
  readonly what: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface StepComparison {
  readonly step: number;
  readonly request: StepRequest;
  readonly same: boolean;
  readonly differences: readonly KernelDifference[];
}

/** All steps of a document, each compared between kernels. */
export interface KernelComparison {
  readonly name: string;
  readonly kernels: readonly string[];
  readonly total: number;
  /** Words that a kernel does not carry out, by kernel; absent where there are none. */
  readonly ignored?: Readonly<Record<string, NonNullable<Trace["ignored"]>>>;
  /** Steps that went alike under all kernels. */
  readonly same: number;
  readonly steps: readonly StepComparison[];
}

/** What a comparison leaves out of a step's view, because something else has told it. */
export type Projection = (step: TraceStep, visible: Json) => Json;

/** Compares runs of one document under several kernels. Simulated time is not compared: kernels may take their time. */
export function compareKernels(traces: readonly Trace[], project: Projection = (_, view) => view): KernelComparison {
  const kernels = traces.map(({ kernel }) => kernel);
  const steps = (traces[0]?.steps ?? []).map(({ step: request }, i): StepComparison => {
    const differences = differencesOf(
      kernels,
      traces.map(({ steps }) => project(steps[i] as TraceStep, visible(steps[i] as TraceStep))),
    );
    return { step: i, request, same: differences.length === 0, differences };
  });
  const ignored = traces.flatMap((trace) =>
    trace.ignored === undefined ? [] : [[trace.kernel, trace.ignored] as const],
  );
  return {
    name: traces[0]?.name ?? "",
    kernels,
    ...(ignored.length === 0 ? {} : { ignored: Object.fromEntries(ignored) }),
    total: steps.length,
    same: steps.filter(({ same }) => same).length,
    steps,
  };
}

/** What of a step somebody outside the kernel sees, in a shape that all kernels share. */
function visible(done: TraceStep): Json {
  const notifications = (done.notifications ?? []).map(
    ({ notifier, action }) => `${String(notifier)} ${String(action)}`,
  );
  return {
    ...sharedResult(done),
    refusal: done.refusal?.code,
    uevents: done.uevents ?? [],
    _OST: [...(done.qmp_events ?? []).map(eventText), ...(done.acpi_ost ?? []).map(statusText)],
    notifications,
  };
}

function sharedResult({ step, result }: TraceStep): Json {
  if (result === null || typeof result !== "object") return {};
  const known = result as Json;
  switch (step.op) {
    case "block": {
      const { state, valid_zones } = known["after"] as Json;
      return {
        errno: known["open_errno"] === 0 ? known["errno"] : known["open_errno"],
        ret: known["ret"],
        state,
        valid_zones,
      };
    }
    case "state":
      return {
        blocks: Object.fromEntries(
          Object.entries(known["blocks"] as Json).map(([id, row]) => [id, (row as unknown[]).slice(0, 2)]),
        ),
        zones: zonesOf(known["zones"] as Json),
      };
    default:
      return known;
  }
}

/** start_pfn, spanned and present of the zones that have a span: kernels list empty zones or not. */
function zonesOf(nodes: Json): Json {
  const spanned = (zones: Json): Json =>
    Object.fromEntries(
      Object.entries(zones as Readonly<Record<string, readonly unknown[]>>).flatMap(([name, row]) =>
        row[1] === 0 ? [] : [[name, row.slice(0, 3)]],
      ),
    );
  return Object.fromEntries(Object.entries(nodes).map(([node, zones]) => [node, spanned(zones as Json)]));
}

function eventText({ event, info, device }: Json): string {
  return event === "ACPI_DEVICE_OST" ? statusText((info ?? {}) as Json) : `${String(device)} deleted`;
}

function statusText({ source, status }: Json): string {
  return `source ${String(source)} status ${String(status)}`;
}

function differencesOf(kernels: readonly string[], values: readonly Json[]): KernelDifference[] {
  const found: KernelDifference[] = [];
  const walk = (what: string, parts: readonly unknown[]): void => {
    if (parts.every((part) => JSON.stringify(part) === JSON.stringify(parts[0]))) return;
    const records = parts.filter(isRecord);
    if (records.length === parts.length) {
      for (const key of new Set(records.flatMap((record) => Object.keys(record)))) {
        walk(
          what === "" ? key : `${what}.${key}`,
          records.map((record) => record[key]),
        );
      }
    } else if (!what.endsWith(".managed")) {
      // Managed pages depend on where a kernel put its own memory.
      found.push({ what, values: Object.fromEntries(kernels.map((kernel, i) => [kernel, parts[i] ?? null])) });
    }
  };
  walk("", values);
  return found;
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
