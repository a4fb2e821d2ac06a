import { NOTIFY_BUS_CHECK, NOTIFY_DEVICE_CHECK } from "@memhp/acpi";
import { type Container, type ContainerNotify, isInserted, type Machine } from "@memhp/machine";
import type { StepRequest } from "./document.ts";
import { StepError, text } from "./operands.ts";

type Json = Record<string, unknown>;
type Action = (machine: Machine, container: Container, request: StepRequest) => Promise<Json>;

const notifies: ReadonlyMap<unknown, ContainerNotify> = new Map([
  ["bus_check", NOTIFY_BUS_CHECK],
  ["device_check", NOTIFY_DEVICE_CHECK],
] as const);

const actions: ReadonlyMap<unknown, Action> = new Map<string, Action>([
  ["add", (machine, { id }, request) => outcome(machine, machine.containerAdd(id, notifyOf(request)))],
  ["eject", (machine, { id }) => outcome(machine, machine.containerEject(id))],
  ["online", (machine, container) => writeOnline(machine, container, "1")],
  ["offline", (machine, container) => writeOnline(machine, container, "0")],
]);

/** The op `container`: firmware inserts one or requests its eject, userspace writes the `online` of its device. */
export async function containerOperation(machine: Machine, request: StepRequest): Promise<{ readonly result: Json }> {
  const container = containerOf(machine, text(request, "id"));
  const action = chosen(request, "action", actions);
  const answer = await action(machine, container, request);
  return { result: { ...answer, present: isInserted(machine, container) } };
}

function containerOf({ containers }: Machine, id: string): Container {
  const container = containers.get(id);
  if (container !== undefined) return container;
  const known = containers.list().map((each) => each.id);
  throw new StepError(`container: no container ${JSON.stringify(id)} (known: ${known.join(", ") || "none"})`);
}

function notifyOf(request: StepRequest): ContainerNotify {
  return request["notify"] === undefined ? NOTIFY_BUS_CHECK : chosen(request, "notify", notifies);
}

function chosen<T>(request: StepRequest, operand: string, allowed: ReadonlyMap<unknown, T>): T {
  const value = allowed.get(request[operand]);
  if (value !== undefined) return value;
  const found = JSON.stringify(request[operand]);
  throw new StepError(`container: ${operand}: ${found} is not known (allowed: ${[...allowed.keys()].join(", ")})`);
}

/** Later kernels may try for ever to empty a block; the outcome then comes in a later step (observed-6 §8). */
const PATIENCE_NS = 300e9;

/** What the kernel made of the notify: its errno, and the status of its last _OST; null where nobody was notified, or yet. */
async function outcome(machine: Machine, pending: ReturnType<Machine["containerEject"]>): Promise<Json> {
  if (!(await machine.passUntil(pending, PATIENCE_NS))) return { errno: 0, ost: null };
  const answer = await pending;
  if (answer.ok) return { errno: answer.value.errno, ost: answer.value.status ?? null };
  machine.emit({ type: "refusal", refusal: answer.refusal });
  return { errno: answer.refusal.errno, ost: null };
}

async function writeOnline(machine: Machine, { path }: Container, data: string): Promise<Json> {
  const busId = machine.acpi.namespace.byPath(path)?.busId ?? "";
  const { openErrno, ret, errno } = await machine.write(`/sys/devices/system/container/${busId}/online`, data);
  return { open_errno: openErrno, ret, errno };
}
