import { errnoNumber, onlineTypes, type OnlineType, parseSize, type Result } from "@memhp/abi";
import type { Machine, Task } from "@memhp/machine";
import { KernelBug, type MemoryRange } from "@memhp/acpi";
import { selectBlocks } from "./blocks.ts";
import { containerOperation } from "./container-operation.ts";
import type { StepRequest } from "./document.ts";
import { type GuestHost, runGuest } from "./guest.ts";
import { loadOperations } from "./load-operations.ts";
import { number, optionalNumber, StepError, text } from "./operands.ts";
import type { Operation, OperationAnswer, OperationContext } from "./operation.ts";
import { snapshotView, treeView } from "./snapshot-view.ts";
import { stateView } from "./state-view.ts";
import { dimmField, ospmField } from "./step-recorder.ts";

type Json = Record<string, unknown>;

function bytes(request: StepRequest, name: string): number {
  const value = request[name];
  if (typeof value !== "string" && typeof value !== "number")
    throw new StepError(`${request.op}: ${name}: expected a size such as 1G, found ${JSON.stringify(value)}`);
  const size = parseSize(value);
  if (size === 0) throw new StepError(`${request.op}: ${name}: a size of 0 is no size`);
  return size;
}

const MEMORY = "/sys/devices/system/memory";
const absolute = (path: string): string => (path.startsWith("/") ? path : `${MEMORY}/${path}`);

function readFile(machine: Machine, path: string): string {
  const read = machine.files.read(path);
  return read.ok ? read.value : "";
}

/** How long a step waits for what has no time limit of its own; 4.1 may take twice two minutes for an eject (z-pinned-eject). */
const PATIENCE_MS = 300_000;
/** How long the recorder waits for the `_OST` of a DIMM's arrival. */
const OST_PATIENCE_MS = 10_000;
const NS_PER_MS = 1e6;

/** One write(2), by somebody whom a signal reaches after `timeout_ms`. */
async function writeFile(
  { machine, background }: OperationContext,
  path: string,
  data: string,
  timeoutMs?: number,
): Promise<Json> {
  const signal = new AbortController();
  const answer = machine.write(path, data, {
    signal: signal.signal,
    ...(timeoutMs === undefined ? {} : { signalAtNs: machine.nowNs + timeoutMs * NS_PER_MS }),
  });
  // A moment longer than the signal, so that the writer can still answer it.
  const hasEnded = await background.waitFor(answer, ((timeoutMs ?? PATIENCE_MS) + 1) * NS_PER_MS);
  if (!hasEnded) {
    signal.abort();
    return { open_errno: 0, ret: 0, errno: 0, timed_out_signal: true };
  }
  // What an `eject` file queued belongs to this step.
  if (path.endsWith("/eject")) await machine.passUntil(machine.idle(), PATIENCE_MS * NS_PER_MS);
  const { openErrno, ret, errno } = await answer;
  return { open_errno: openErrno, ret, errno, ...(errno === "EINTR" ? { timed_out_signal: true } : {}) };
}

/** Runs a write beside the steps where the request names it. */
function inBackground(context: OperationContext, request: StepRequest, path: string, data: string): boolean {
  const name = request["background"];
  if (name === undefined) return false;
  if (typeof name !== "string" || name === "") throw new StepError(`${request.op}: background: expected a name`);
  writeInBackground(context, name, path, data);
  return true;
}

function writeInBackground({ machine, background }: OperationContext, name: string, path: string, data: string): void {
  background.start(name, (caller) =>
    machine.write(path, data, caller).map(({ openErrno, ret, errno }) => ({ open_errno: openErrno, ret, errno })),
  );
}

/** The in-kernel API as the recording module calls it: `add 0 100000000 8000000`, numbers in hex. */
const inKernelApi: Readonly<
  Record<string, (machine: Machine, range: MemoryRange, node: number) => Task<Result<void>>>
> = {
  add: (machine, range, node) => machine.add(range, { node }),
  adddrv: (machine, range, node) => machine.add(range, { node, resourceName: "System RAM (memlog)" }),
  addbad: (machine, range, node) => machine.add(range, { node, resourceName: "memlog" }),
  remove: (machine, range) => machine.remove(range),
  offrem: (machine, range) => machine.offlineAndRemove(range),
};

/** A caller that the kernel kills in a BUG, as the recorder saw it (6.x: l_add_memory_errnos). */
function neverReturns(error: unknown): "never" {
  if (error instanceof KernelBug) return "never";
  throw error;
}

const operations: Readonly<Record<string, Operation>> = {
  async block(context, request) {
    const { machine } = context;
    const n = number(request, "n");
    const dir = `${MEMORY}/memory${n}`;
    await context.kernelPages?.beforeWrite(n, context.unmovablePages);
    const file = `${dir}/${typeof request["file"] === "string" ? request["file"] : "state"}`;
    if (inBackground(context, request, file, text(request, "v"))) return { result: { n, background: true } };
    const looksAtTree = machine.kernel.recorder.blockStep === "files-and-state";
    const look = (names: readonly string[]): Json =>
      Object.fromEntries(names.map((name) => [name, readFile(machine, `${dir}/${name}`)]));
    const before = look(["state", "valid_zones"]);
    const written = await writeFile(context, file, text(request, "v"), optionalNumber(request, "timeout_ms"));
    const after = look(looksAtTree ? ["state", "valid_zones", "removable", "online"] : ["state", "valid_zones"]);
    const result = looksAtTree ? { before, ...written, after } : { n, before, ...written, after };
    return looksAtTree && request["compact"] !== false ? { result, afterState: stateView(machine) } : { result };
  },

  async write(context, request) {
    const path = absolute(text(request, "path"));
    const block = /\/memory(\d+)\/(?:state|online)$/.exec(path);
    if (block !== null) await context.kernelPages?.beforeWrite(Number(block[1]), context.unmovablePages);
    const data = text(request, "data");
    if (inBackground(context, request, path, data)) return { result: { background: true } };
    return { result: await writeFile(context, path, data, optionalNumber(request, "timeout_ms")) };
  },

  async probe(context, request) {
    const addr = request["addr"];
    // The kernel reads the text; what is wrong with it is the kernel's to say.
    if (typeof addr !== "string" && typeof addr !== "number")
      throw new StepError(`probe: addr: expected an address such as "0x100000000", found ${JSON.stringify(addr)}`);
    return { result: await writeFile(context, `${MEMORY}/probe`, String(addr)) };
  },

  async read({ machine }, request) {
    const path = absolute(text(request, "path"));
    const stat = machine.files.stat(path);
    const mode = stat.ok ? stat.value.mode.toString(8) : "0";
    const offset = optionalNumber(request, "offset");
    const length = optionalNumber(request, "length");
    const read =
      offset === undefined && length === undefined
        ? machine.files.read(path)
        : await machine.files.readRange(path, offset ?? 0, length ?? Number.MAX_SAFE_INTEGER);
    return { result: read.ok ? { errno: 0, mode, data: read.value } : { errno: read.refusal.errno, mode, data: "" } };
  },

  state: ({ machine }) => ({ result: stateView(machine) }),
  snapshot: ({ machine }) => ({ result: snapshotView(machine) }),
  tree: ({ machine }, request) => ({
    result: treeView(machine, text(request, "path"), optionalNumber(request, "depth") ?? 1),
  }),

  async dimm_add(context, request) {
    const { machine, dimms, background } = context;
    const id = text(request, "id");
    const addr = optionalNumber(request, "addr");
    const slot = optionalNumber(request, "slot");
    const sizeBytes = bytes(request, "size");
    const memdev = `mem-${id}`;
    const added = machine.dimms.offerBackend(memdev);
    if (!added.ok) return { result: { object_add: { error: added.error }, devices: [], ospm: [] } };
    const plugging = machine.dimmAdd({
      id,
      memdev,
      sizeBytes,
      node: optionalNumber(request, "node") ?? 0,
      ...(addr === undefined ? {} : { addr }),
      ...(slot === undefined ? {} : { slot }),
    });
    // A kernel that is busy with an eject or an offline hears of it only later; the DIMM is there (n_add_waits).
    const isHeard = await background.waitFor(plugging, OST_PATIENCE_MS * NS_PER_MS);
    const plugged = isHeard ? await plugging : undefined;
    const objectAdd = { return: {} };
    if (plugged?.ok === false)
      return { result: { object_add: objectAdd, device_add: { error: plugged.error }, devices: [], ospm: [] } };
    const dimm = plugged?.value ?? machine.dimms.get(id);
    if (dimm === undefined) throw new Error(`memhp bug: DIMM ${id} was plugged in and is not there`);
    dimms.set(id, { addr: dimm.addr, sizeBytes });
    return {
      result: {
        object_add: objectAdd,
        device_add: { return: {} },
        devices: [dimmField(dimm)],
        ospm: ospmField(machine, { slot: dimm.slot }),
      },
    };
  },

  async dimm_del({ machine, kernelPages }, request) {
    const id = text(request, "id");
    const dimm = machine.dimms.get(id);
    const memdev = dimm?.memdev;
    if (dimm !== undefined)
      await kernelPages?.beforeEject(machine.blocksOf({ start: dimm.addr, size: dimm.sizeBytes }));
    const deleting = machine.dimmDel(id);
    const waitMs = (optionalNumber(request, "wait") ?? PATIENCE_MS / 1000) * 1000;
    const hasEnded = await machine.passUntil(deleting, waitMs * NS_PER_MS);
    const rest = { devices_left: machine.dimms.list().map((dimm) => dimm.id), ospm: ospmField(machine, "used") };
    // Later kernels try for ever to empty a block: the outcome comes in a later step, or never (observed-6 §8).
    if (!hasEnded) return { result: { device_del: { return: {} }, ...rest } };
    const deleted = await deleting;
    if (!deleted.ok) return { result: { device_del: { error: deleted.error }, ...rest } };
    if (!deleted.value.ok) return { result: { device_del: { return: {} }, ...rest } };
    // The recorder deletes the backend by the name that it gives its own (boot-coldplug-dimm).
    const objectDel =
      memdev === `mem-${id}`
        ? { return: {} }
        : { error: { class: "GenericError", desc: `object 'mem-${id}' not found` } };
    return { result: { device_del: { return: {} }, object_del: objectDel, ...rest } };
  },

  container: ({ machine }, request) => containerOperation(machine, request),

  async memlog(context, request) {
    const { machine } = context;
    const data = text(request, "data");
    const [verb = "", node = "0", start = "0", size = "0"] = data.trim().split(/\s+/);
    const range = { start: Number.parseInt(start, 16), size: Number.parseInt(size, 16) };
    const call = inKernelApi[verb];
    if (call === undefined) {
      await runGuest(guestOf(context), request);
      return { result: null };
    }
    const calling = call(machine, range, Number(node));
    if (!(await context.background.waitFor(calling, PATIENCE_MS * NS_PER_MS)))
      return { result: { open_errno: 0, ret: 0, errno: 0, timed_out_signal: true } };
    const answer = await calling.catch(neverReturns);
    if (answer === "never") return { result: { open_errno: 0, ret: 0, errno: 0, never_returned: true } };
    if (answer.ok) return { result: { open_errno: 0, ret: data.length, errno: 0 } };
    machine.emit({ type: "refusal", refusal: answer.refusal });
    return { result: { open_errno: 0, ret: -1, errno: answer.refusal.errno } };
  },

  insmod({ machine }, request) {
    const mod = text(request, "mod");
    const priority = /priority=(-?\d+)/.exec(typeof request["args"] === "string" ? request["args"] : "");
    if (mod === "memory-notifier-error-inject") machine.loadErrorInjection(Number(priority?.[1] ?? 0));
    machine.emit({
      type: "uevent",
      action: "add",
      devpath: `/module/${mod.replaceAll("-", "_")}`,
      subsystem: "module",
    });
    return { result: { rc: 0, timed_out: false, out: "" } };
  },

  async sleep({ machine }, request) {
    const seconds = request["s"];
    if (typeof seconds !== "number" || seconds < 0) throw new StepError("sleep: s: expected seconds from 0");
    await machine.wait(Math.round(seconds * 1e9));
    return { result: {} };
  },

  async wait({ machine }, request) {
    const ms = request["ms"] ?? (typeof request["s"] === "number" ? request["s"] * 1000 : undefined);
    if (typeof ms !== "number" || ms < 0) throw new StepError("wait: expected ms or s, from 0");
    await machine.wait(Math.round(ms * 1e6));
    return { result: {} };
  },

  ...loadOperations,

  online: (context, request) => bulk(context, request, "online"),
  offline: (context, request) => bulk(context, request, "offline"),

  async inject({ machine }, request) {
    const action = text(request, "action");
    if (action !== "MEM_GOING_ONLINE" && action !== "MEM_GOING_OFFLINE")
      throw new StepError(
        `inject: action: ${action} cannot be made to fail (allowed: MEM_GOING_ONLINE, MEM_GOING_OFFLINE)`,
      );
    if (machine.core.injection === undefined) machine.loadErrorInjection(0);
    const errno = request["errno"];
    if (errno !== 0 && typeof errno !== "string" && typeof errno !== "number")
      throw new StepError("inject: errno: expected a name such as ENOMEM, or 0");
    const value = errno === 0 ? 0 : -errnoNumber(errno as Parameters<typeof errnoNumber>[0]);
    const written = await machine.files.write(
      `/sys/kernel/debug/notifier-error-inject/memory/actions/${action}/error`,
      String(value),
    );
    return { result: { open_errno: written.openErrno, ret: written.ret, errno: written.errno } };
  },
};

/**
 * As writes to the blocks' `state` one after another, all nodes beside each other. Somebody else may hold the hotplug lock
 * for ever: then the writer is killed before it began.
 */
async function bulk(
  { machine, dimms, background }: OperationContext,
  request: StepRequest,
  op: "online" | "offline",
): Promise<OperationAnswer> {
  const type = request["type"] ?? "online";
  if (!(onlineTypes as readonly unknown[]).includes(type))
    throw new StepError(`${op}: type: ${JSON.stringify(type)} is not known (allowed: ${onlineTypes.join(", ")})`);
  const { map, containers, board } = machine;
  const selection = { map, dimms, containers, blockSizeBytes: board.blockSizeBytes };
  const listed = request["blocks"];
  const blocks = selectBlocks(typeof listed === "number" ? String(listed) : text(request, "blocks"), selection);
  const signal = new AbortController();
  const pending = machine.bulk(op, blocks, type as OnlineType, {
    signal: signal.signal,
  });
  if (!(await background.waitFor(pending, PATIENCE_MS * NS_PER_MS))) {
    if (!pending.hasHadLock) {
      signal.abort();
      const refused = blocks.map((block) => ({ block, errno: "EINTR", code: "signal" }));
      return { result: { requested: blocks.length, [op === "online" ? "onlined" : "offlined"]: 0, refused } };
    }
    await background.waitFor(pending, Number.POSITIVE_INFINITY);
  }
  const answer = await pending;
  const refused = answer.refused.map(({ block, errno, code }) => ({ block, errno, code }));
  return {
    result: { requested: answer.requested, [op === "online" ? "onlined" : "offlined"]: answer.changed, refused },
  };
}

function guestOf(context: OperationContext): GuestHost {
  return {
    machine: context.machine,
    kernelPages: context.kernelPages,
    writeInBackground: (name, path, data) => writeInBackground(context, name, path, data),
    kill: (name) => context.background.kill(name),
  };
}

/** Operations of recorded runs that act on the guest's userspace; a simulated kernel has none. */
const guestOperations: ReadonlySet<string> = new Set(["sh", "bg", "kill", "qmp"]);

/** True if memhp carries the operation out; the others give `null` as the result. */
export function isSimulated(op: string): boolean {
  return op in operations;
}

/** @throws StepError for an operation that is not known at all. */
export function assertKnown(op: string): void {
  if (op in operations || guestOperations.has(op)) return;
  throw new StepError(`unknown op ${JSON.stringify(op)} (known: ${Object.keys(operations).join(", ")})`);
}

/** Carries one step out. @throws StepError, ParseError for operands that make no sense. */
export async function perform(context: OperationContext, request: StepRequest): Promise<OperationAnswer> {
  const operation = operations[request.op];
  if (operation === undefined) {
    assertKnown(request.op);
    await runGuest(guestOf(context), request);
    const seconds = request["sleep"];
    if (typeof seconds === "number" && seconds > 0) await context.machine.wait(Math.round(seconds * 1e9));
    return { result: null };
  }
  return operation(context, request);
}
