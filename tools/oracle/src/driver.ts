import { checkRequest, operationOf, operations, StepError, type StepRequest, type Target } from "@memhp/scenario";
import { memoryDevices, type PluggedDimm } from "./dimms.ts";
import { recordingTarget } from "./recording-target.ts";
import { resolveOperands } from "./references.ts";
import type { QmpEventMessage, Target as RecordedMachine } from "./target.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a step came to, in the shape of a kernel trace's step. */
export interface StepOutcome {
  readonly result: unknown;
  readonly uevents?: readonly unknown[];
  readonly qmp_events?: readonly Json[];
  readonly notifications?: readonly Json[];
  readonly kernel_log?: readonly string[];
}

const BLOCK_SIZE = "/sys/devices/system/memory/block_size_bytes";

/** QEMU's events that a trace keeps: those of memory devices. */
const keptEvents: ReadonlySet<string> = new Set([
  "ACPI_DEVICE_OST",
  "DEVICE_DELETED",
  "DEVICE_UNPLUG_GUEST_ERROR",
  "MEM_UNPLUG_ERROR",
  "MEMORY_DEVICE_SIZE_CHANGE",
]);

/** Carries scenario steps out on a target: one step in, one recorded step out. */
export class Driver {
  readonly machine: RecordedMachine;
  readonly #target: Target;
  /** DIMMs by id, where they lay when they were last plugged in. */
  readonly dimms: Map<string, PluggedDimm> = new Map();
  /** Blocks that a step's `given` marked. */
  readonly #planted = new Set<number>();
  #blockSizeBytes = 0;

  private constructor(machine: RecordedMachine) {
    this.machine = machine;
    this.#target = recordingTarget(machine, this.dimms);
  }

  /** Asks a target that has just booted what steps may refer to. */
  static async start(machine: RecordedMachine): Promise<Driver> {
    const driver = new Driver(machine);
    const { data } = await machine.guest.read(BLOCK_SIZE);
    driver.#blockSizeBytes = Number.parseInt(data, 16);
    if (!(driver.#blockSizeBytes > 0)) throw new StepError("the kernel has no memory hotplug: no block_size_bytes");
    for (const { dimm } of await memoryDevices(machine.monitor)) driver.dimms.set(dimm.id, dimm);
    return driver;
  }

  /** @throws StepError for an operation that only a simulated machine has, or operands that make no sense. */
  static check(request: StepRequest): void {
    if (checkRequest(request).acts.on === "target") return;
    const recordable = operations.filter(({ acts }) => acts.on === "target").map(({ op }) => op);
    throw new StepError(`op ${JSON.stringify(request.op)} cannot be recorded (can be: ${recordable.join(", ")})`);
  }

  /**
   * @param kernelPages this step's `given.unmovable_pages`.
   * @throws StepError
   */
  async perform(request: StepRequest, kernelPages = false): Promise<StepOutcome> {
    Driver.check(request);
    const { acts, blockOf, settles = false } = operationOf(request.op);
    if (acts.on !== "target") throw new StepError(`op ${request.op} cannot be recorded`);
    const resolved = resolveOperands(request, this.dimms, this.#blockSizeBytes);
    checkRequest(resolved);
    await this.#plant(blockOf?.(resolved), kernelPages);
    const { result } = await acts.perform(this.#target, resolved);
    const reports = await this.machine.guest.takeReports(typeof settles === "function" ? settles(resolved) : settles);
    const events = this.machine.monitor.takeEvents().filter(({ event }) => keptEvents.has(event));
    const fields = { ...reports, qmp_events: events.map(eventField) };
    return { result, ...Object.fromEntries(Object.entries(fields).filter(([, list]) => list.length > 0)) };
  }

  /** A later write without `given` finds the pages gone. */
  async #plant(block: number | undefined, kernelPages: boolean): Promise<void> {
    if (block === undefined || kernelPages === this.#planted.has(block)) return;
    if (kernelPages) this.#planted.add(block);
    else this.#planted.delete(block);
    await this.machine.plant?.(block, kernelPages);
  }
}

function eventField({ event, data }: QmpEventMessage): Json {
  return { ...data, event };
}
