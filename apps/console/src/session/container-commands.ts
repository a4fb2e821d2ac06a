import { type Container, containersOf } from "@memhp/devices";
import { formatNumberList, type Refusal, type Result } from "@memhp/abi";
import { type HotplugOutcome, isEnabled, NOTIFY_BUS_CHECK, NOTIFY_DEVICE_CHECK } from "@memhp/acpi";
import { type Machine } from "@memhp/machine";
import { errnoWords } from "../words/refusal-words.ts";
import { type Answer, answer } from "./answer.ts";
import { type ContainerCommand, containerText } from "./container-text.ts";
import { EJECT_NS, withFirmware } from "./patience.ts";
import type { Session } from "./session.ts";
import { containerStep } from "./steps.ts";

/** Carries it out; refusals of blocks on the way are told by `refusals`, which hears the events meanwhile. */
export async function carryOutContainer(
  session: Session,
  command: ContainerCommand,
  refusals: () => readonly Refusal[],
): Promise<Answer> {
  const { machine } = session;
  const text = containerText(command);
  if (command.do === "eject_device") {
    const device = machine.acpi.namespace.byPath(command.path);
    const file = `/sys${device?.devpath ?? ""}/eject`;
    session.did.did({ op: "write", path: file, data: "1\n" });
    const written = await machine.write(file, "1\n");
    const errno = written.openErrno === 0 ? written.errno : written.openErrno;
    if (errno !== 0) return answer("refused", text, `Refused: ${errnoWords(errno)}.`, refusals());
    if (!(await machine.passUntil(machine.idle(), EJECT_NS))) return unfinished(text);
    const gone = !isEnabled(machine.acpi.namespace.byPath(command.path)?.methods._STA);
    return gone
      ? answer("done", text, `${command.id} is out of the machine.`)
      : answer("refused", text, `${command.id} stays.`, refusals());
  }
  const container = containersOf(machine).get(command.id);
  if (container === undefined) return answer("error", text, `There is no container ${command.id}.`);
  session.did.did(containerStep(command.id, command.action));
  if (command.action === "online" || command.action === "offline")
    return writeOnline(machine, container, command.action, text, refusals);
  const ejects = command.action === "eject";
  const pending = ejects
    ? containersOf(machine).eject(container.id)
    : containersOf(machine).insert(
        container.id,
        command.action === "bus_check" ? NOTIFY_BUS_CHECK : NOTIFY_DEVICE_CHECK,
      );
  const outcome = await withFirmware(session, pending);
  if (outcome === undefined) return unfinished(text);
  return ejects
    ? ejected(machine, container, text, outcome, refusals)
    : inserted(machine, container, text, outcome, refusals);
}

function unfinished(text: string): Answer {
  return answer("partly", text, "The kernel is still at work on it, and goes on while time passes.");
}

function ejected(
  machine: Machine,
  container: Container,
  text: string,
  outcome: Result<HotplugOutcome>,
  refusals: () => readonly Refusal[],
): Answer {
  if (!outcome.ok) return answer("refused", text, "There is nothing to eject.", [outcome.refusal]);
  if (!containersOf(machine).isInserted(container))
    return answer("done", text, `${container.id} is out of the machine.`);
  return answer("refused", text, `${container.id} stays in the machine.`, refusals());
}

function inserted(
  machine: Machine,
  container: Container,
  text: string,
  outcome: Result<HotplugOutcome>,
  refusals: () => readonly Refusal[],
): Answer {
  if (!outcome.ok) return answer("refused", text, "It cannot be inserted.", [outcome.refusal]);
  const blocks = container.memory.flatMap(({ addr, sizeBytes }) => machine.blocksOf({ start: addr, size: sizeBytes }));
  const place = `${container.id} is in the machine: ${blocks.length === 0 ? "no blocks" : `blocks ${formatNumberList(blocks)}`}`;
  const refused = refusals();
  return answer(refused.length === 0 ? "done" : "partly", text, `${place}.`, refused);
}

async function writeOnline(
  machine: Machine,
  { id, path }: Container,
  action: "online" | "offline",
  text: string,
  refusals: () => readonly Refusal[],
): Promise<Answer> {
  const busId = machine.acpi.namespace.byPath(path)?.busId ?? "";
  const file = `/sys/devices/system/container/${busId}/online`;
  const { openErrno, errno } = await machine.write(file, action === "online" ? "1\n" : "0\n");
  const failed = openErrno === 0 ? errno : openErrno;
  return failed === 0
    ? answer("done", text, `${id} is ${action}.`)
    : answer("refused", text, `Refused: ${errnoWords(failed)}.`, refusals());
}
