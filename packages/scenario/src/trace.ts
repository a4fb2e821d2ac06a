import type { ConfigSetting, Refusal } from "@memhp/abi";
import type { IgnoredWord } from "@memhp/devices";
import type { StepRequest, TRACE_FORMAT } from "./step.ts";

type Json = Readonly<Record<string, unknown>>;

/** One step of a run, in the shape of a kernel trace's step. */
export interface TraceStep {
  readonly step: StepRequest;
  readonly result: unknown;
  readonly at_ns: number;
  readonly after_state?: Json;
  readonly uevents?: readonly unknown[];
  readonly qmp_events?: readonly Json[];
  /** _OST of containers: `device`, `source`, `status`. */
  readonly acpi_ost?: readonly Json[];
  readonly notifications?: readonly Json[];
  readonly kernel_log?: readonly string[];
  readonly refusal?: Refusal;
  /** What ran in the background and ended in this step. */
  readonly finished?: readonly { readonly name: string; readonly result: unknown }[];
}

/** What a run printed: `memhp-trace/1`. Nothing in it depends on the number of workers or the host. */
export interface Trace {
  readonly format: typeof TRACE_FORMAT;
  readonly name: string;
  readonly kernel: string;
  /** Switches that differ from the kernel's own build, with what went with them; absent where none does. */
  readonly config?: ConfigSetting;
  readonly machine: unknown;
  /** What loads drew by. */
  readonly seed: number;
  /** The release whose source the kernel's rules come from, where no recorded run proves them; absent where some do. */
  readonly kernel_source?: string;
  /** Words of the input that were not carried out; absent where there are none. */
  readonly ignored?: readonly IgnoredWord[];
  /** Memory of devices that the kernel did not take at boot; absent where it took all. */
  readonly boot_refusals?: readonly { readonly device: string; readonly refusal: Refusal }[];
  readonly steps: readonly TraceStep[];
  /** What ran in the background and had not ended with the last step; it was signalled then. */
  readonly unfinished?: readonly string[];
  readonly final: Json;
}
