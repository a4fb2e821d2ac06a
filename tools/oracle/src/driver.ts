import { parseSize } from "@memhp/abi";
import {
  numberOperand as number,
  optionalNumberOperand as optionalNumber,
  StepError,
  type StepRequest,
  textOperand as text,
} from "@memhp/scenario";
import { addDimm, memoryDevices, type PluggedDimm, removeDimm, waitForEject } from "./dimms.ts";
import { resolveOperands } from "./references.ts";
import { programOps, type QmpEventMessage, type Target } from "./target.ts";
import { snapshotView, stateView, treeView } from "./views.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a step came to, in the shape of a kernel trace's step. */
export interface StepOutcome {
  readonly result: unknown;
  readonly uevents?: readonly unknown[];
  readonly qmp_events?: readonly Json[];
  readonly notifications?: readonly Json[];
  readonly kernel_log?: readonly string[];
}

const MEMORY = "/sys/devices/system/memory";
const absolute = (path: string): string => (path.startsWith("/") ? path : `${MEMORY}/${path}`);

/** Seconds may have a fraction. */
function seconds(request: StepRequest, name: string, otherwise?: number): number {
  const value = request[name] ?? otherwise;
  if (typeof value !== "number" || !(value >= 0))
    throw new StepError(`${request.op}: ${name}: expected seconds from 0, found ${JSON.stringify(value)}`);
  return value;
}

type Operation = (driver: Driver, request: StepRequest) => Promise<unknown>;

const operations: Readonly<Record<string, Operation>> = {
  async block({ target: { guest } }, request) {
    const dir = `${MEMORY}/memory${number(request, "n")}`;
    const look = async (): Promise<Json> => ({
      state: (await guest.read(`${dir}/state`)).data,
      valid_zones: (await guest.read(`${dir}/valid_zones`)).data,
    });
    const before = await look();
    const file = request["file"] === undefined ? "state" : text(request, "file");
    const written = await guest.write(`${dir}/${file}`, text(request, "v"), optionalNumber(request, "timeout_ms") ?? 0);
    return { before, ...written, after: await look() };
  },

  async write({ target: { guest, monitor } }, request) {
    const timeoutMs = optionalNumber(request, "timeout_ms") ?? 0;
    const written = await guest.write(absolute(text(request, "path")), text(request, "data"), timeoutMs);
    // The kernel has only queued what was asked for.
    if (isEjectWrite(request) && written.open_errno === 0 && written.errno === 0) await waitForEject(monitor);
    return written;
  },

  async read({ target: { guest } }, request) {
    const { errno, mode, data } = await guest.read(absolute(text(request, "path")));
    return { errno, mode, data };
  },

  state: ({ target: { guest } }) => stateView(guest),
  snapshot: ({ target: { guest } }) => snapshotView(guest),
  tree: ({ target: { guest } }, request) =>
    treeView(guest, text(request, "path"), optionalNumber(request, "depth") ?? 1),

  async dimm_add(driver, request) {
    const addr = optionalNumber(request, "addr");
    const slot = optionalNumber(request, "slot");
    const { result, dimm } = await addDimm(driver.target.monitor, {
      id: text(request, "id"),
      sizeBytes: parseSize(request["size"] as string | number),
      node: optionalNumber(request, "node") ?? 0,
      ...(addr !== undefined && { addr }),
      ...(slot !== undefined && { slot }),
    });
    if (dimm !== undefined) driver.dimms.set(dimm.id, dimm);
    return result;
  },

  dimm_del: ({ target: { monitor } }, request) =>
    removeDimm(monitor, text(request, "id"), seconds(request, "wait", 20) * 1000),

  async insmod({ target: { guest } }, request) {
    const errno = await guest.insmod(text(request, "mod"), typeof request["args"] === "string" ? request["args"] : "");
    return errno === 0 ? { rc: 0, timed_out: false, out: "" } : { rc: 1, timed_out: false, out: String(errno) };
  },

  async sleep({ target: { guest } }, request) {
    await guest.sleep(seconds(request, "s"));
    return {};
  },

  ...Object.fromEntries(programOps.map((op) => [op, runProgram])),
};

async function runProgram({ target: { guest } }: Driver, request: StepRequest): Promise<unknown> {
  const result = await guest.program(request);
  // What comes of it may take a moment: `kill` of a writer in x_going_offline.
  if (request["sleep"] !== undefined) await guest.sleep(seconds(request, "sleep"));
  return result;
}

/** Operations after which the kernel may have more to tell than when they returned. */
const settling: ReadonlySet<string> = new Set(["dimm_add", "dimm_del", "insmod", "sleep", ...programOps]);

/** The file of an ACPI device through which the guest asks for its own eject. */
function isEjectWrite(request: StepRequest): boolean {
  return request.op === "write" && text(request, "path").endsWith("/eject");
}

/** QEMU's events that a trace keeps: those of memory devices. */
const keptEvents: ReadonlySet<string> = new Set([
  "ACPI_DEVICE_OST",
  "DEVICE_DELETED",
  "DEVICE_UNPLUG_GUEST_ERROR",
  "MEM_UNPLUG_ERROR",
]);

/** Carries scenario steps out on a target: one step in, one recorded step out. */
export class Driver {
  readonly target: Target;
  /** DIMMs by id, where they lay when they were last plugged in. */
  readonly dimms: Map<string, PluggedDimm> = new Map();
  /** Blocks that a step's `given` marked. */
  readonly #planted = new Set<number>();
  #blockSizeBytes = 0;

  private constructor(target: Target) {
    this.target = target;
  }

  /** Asks a target that has just booted what steps may refer to. */
  static async start(target: Target): Promise<Driver> {
    const driver = new Driver(target);
    const { data } = await target.guest.read(`${MEMORY}/block_size_bytes`);
    driver.#blockSizeBytes = Number.parseInt(data, 16);
    if (!(driver.#blockSizeBytes > 0)) throw new StepError("the kernel has no memory hotplug: no block_size_bytes");
    for (const { dimm } of await memoryDevices(target.monitor)) driver.dimms.set(dimm.id, dimm);
    return driver;
  }

  /** @throws StepError for an operation that this driver does not have. */
  static check(request: StepRequest): void {
    if (!Object.hasOwn(operations, request.op))
      throw new StepError(
        `op ${JSON.stringify(request.op)} cannot be recorded (can be: ${Object.keys(operations).join(", ")})`,
      );
  }

  /**
   * @param kernelPages this step's `given.unmovable_pages`.
   * @throws StepError
   */
  async perform(request: StepRequest, kernelPages = false): Promise<StepOutcome> {
    Driver.check(request);
    const operation = operations[request.op] as Operation;
    const resolved = resolveOperands(request, this.dimms, this.#blockSizeBytes);
    await this.#plant(resolved, kernelPages);
    const result = await operation(this, resolved);
    const reports = await this.target.guest.takeReports(settling.has(request.op) || isEjectWrite(resolved));
    const events = this.target.monitor.takeEvents().filter(({ event }) => keptEvents.has(event));
    const fields = { ...reports, qmp_events: events.map(eventField) };
    return { result, ...Object.fromEntries(Object.entries(fields).filter(([, list]) => list.length > 0)) };
  }

  /** A later write without `given` finds the pages gone. */
  async #plant(request: StepRequest, kernelPages: boolean): Promise<void> {
    const block = writtenBlock(request);
    if (block === undefined || kernelPages === this.#planted.has(block)) return;
    if (kernelPages) this.#planted.add(block);
    else this.#planted.delete(block);
    await this.target.plant?.(block, kernelPages);
  }
}

/** The block whose state a step writes. */
function writtenBlock(request: StepRequest): number | undefined {
  if (request.op === "block") return number(request, "n");
  if (request.op !== "write") return undefined;
  const path = /\/memory(\d+)\/(?:state|online)$/.exec(absolute(text(request, "path")));
  return path === null ? undefined : Number(path[1]);
}

function eventField({ event, data }: QmpEventMessage): Json {
  return { ...data, event };
}
