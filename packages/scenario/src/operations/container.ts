import { type Container, type ContainersDoor, containersOf } from "@memhp/devices";
import type { Errno } from "@memhp/abi";
import { NOTIFY_BUS_CHECK, NOTIFY_DEVICE_CHECK } from "@memhp/acpi";
import { type Machine } from "@memhp/machine";
import type { MachineTarget } from "../machine-target.ts";
import { name, word } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { StepError } from "./step-error.ts";
import { failed, written } from "./words.ts";
import { Type } from "../schema/type.ts";

type Json = Readonly<Record<string, unknown>>;

/** Later kernels may try for ever to empty a block; the outcome then comes in a later step (observed-6 §8). */
const PATIENCE_NS = 300e9;

function containerOf(machine: Machine, id: string): Container {
  const containers = containersOf(machine);
  const container = containers.get(id);
  if (container !== undefined) return container;
  const known = containers.list().map((each) => each.id);
  throw new StepError(`container: no container ${JSON.stringify(id)} (known: ${known.join(", ") || "none"})`, "id");
}

/** What the kernel made of the notify: its errno, and the status of its last _OST; null where nobody was notified, or yet. */
async function outcome({ machine }: MachineTarget, pending: ReturnType<ContainersDoor["eject"]>): Promise<Json> {
  if (!(await machine.passUntil(pending, PATIENCE_NS))) return { errno: 0, ost: null };
  const answer = await pending;
  if (answer.ok) return { errno: answer.value.errno, ost: answer.value.status ?? null };
  machine.tell(answer.refusal);
  return { errno: answer.refusal.errno, ost: null };
}

async function writeOnline({ machine, guest }: MachineTarget, { path }: Container, data: string): Promise<Json> {
  const busId = machine.acpi.namespace.byPath(path)?.busId ?? "";
  const answer = await guest.write(`/sys/devices/system/container/${busId}/online`, data, {});
  return { ...answer };
}

export const container: Operation = operation({
  op: "container",
  about: "What firmware or userspace does with a container of machine.containers",
  operands: Type.Object({
    id: name({ description: "Name of a container of the machine" }),
    action: word(["add", "eject", "online", "offline"], {
      description:
        "add, eject: firmware notifies the kernel. online, offline: a write to `online` of the container's device",
    }),
    notify: Type.Optional(word(["bus_check", "device_check"], { default: "bus_check", description: "Of add" })),
  }),
  check({ action, notify }) {
    if (notify !== undefined && action !== "add")
      throw new StepError(`container: notify: only add is notified (found with ${action})`, "notify");
  },
  acts: {
    on: "machine",
    async perform(target, { id, action, notify }) {
      const { machine } = target;
      const container = containerOf(machine, id);
      const value = notify === "device_check" ? NOTIFY_DEVICE_CHECK : NOTIFY_BUS_CHECK;
      const answer =
        action === "add"
          ? await outcome(target, containersOf(machine).insert(id, value))
          : action === "eject"
            ? await outcome(target, containersOf(machine).eject(id))
            : await writeOnline(target, container, action === "online" ? "1" : "0");
      return { result: { ...answer, present: containersOf(machine).isInserted(container) } };
    },
  },
  asked({ id, action, notify }, { resolve }) {
    const name = resolve(id);
    if (action === "add")
      return `insert container ${name} (${notify === "device_check" ? "device check" : "bus check"})`;
    if (action === "eject") return `ask for container ${name} back`;
    return `echo ${action === "online" ? 1 : 0} > online of container ${name}`;
  },
  outcome({ result }, { action }) {
    if (action !== "add" && action !== "eject") return written(result, "1");
    if (result["errno"] !== 0) return failed(result["errno"] as Errno);
    return { outcome: action === "add" ? "ok" : "given back", good: true };
  },
  staysInMachine: true,
  example: { op: "container", id: "board1", action: "add" },
});
