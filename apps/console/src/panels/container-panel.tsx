import { type Container, containersOf } from "@memhp/devices";
import { formatNumberList, formatSize } from "@memhp/abi";
import { isEnabled } from "@memhp/acpi";
import type { ReactNode } from "react";
import type { Command } from "../session/commands.ts";
import type { ContainerAction } from "../session/container-commands.ts";
import type { Session } from "../session/session.ts";

interface ContainerPanelProps {
  readonly session: Session;
  readonly busy: boolean;
  readonly run: (command: Command) => void;
}

/** Containers, which bring a whole node: what firmware and userspace do with each, and with the memory in it. */
export function ContainerPanel({ session, busy, run }: ContainerPanelProps): ReactNode {
  return containersOf(session.machine)
    .list()
    .map((container) => <One key={container.id} container={container} session={session} busy={busy} run={run} />);
}

function One({ container, session, busy, run }: ContainerPanelProps & { readonly container: Container }): ReactNode {
  const { machine } = session;
  const { id, path } = container;
  const isIn = containersOf(machine).isInserted(container);
  const button = (action: ContainerAction, words: string): ReactNode => (
    <button
      type="button"
      aria-disabled={busy}
      aria-label={`${words} ${id}`}
      onClick={() => run({ do: "container", id, action })}
    >
      {words}
    </button>
  );
  const node = machine.acpi.namespace.byPath(path);
  const online = machine.files.read(`/sys/devices/system/container/${node?.busId}/online`);
  const state = !isIn ? "not in the machine" : online.ok && online.value.trim() === "1" ? "online" : "offline";
  return (
    <div className="container" role="group" aria-label={`Container ${id}`}>
      <p>
        <b>{id}</b> <span className="quiet">{`${node?.methods._HID ?? ""} · ${state}`}</span>
      </p>
      <div className="words">
        {button("bus_check", isIn ? "Bus check" : "Insert")}
        {isIn && button("device_check", "Device check")}
        {isIn && button(state === "online" ? "offline" : "online", state === "online" ? "Offline" : "Online")}
        {isIn && button("eject", "Eject")}
      </div>
      {isIn && (
        <ul className="dimms">
          {(node?.children ?? []).map((child) => {
            const device = containersOf(machine).idAt(child.path);
            const memory = container.memory.find((each) => each.id === device);
            if (device === undefined || memory === undefined || !isEnabled(child.methods._STA)) return null;
            const range = { start: memory.addr, size: memory.sizeBytes };
            return (
              <li key={device}>
                <b>{device}</b>
                <span>{`${formatSize(memory.sizeBytes)} · ${formatNumberList(machine.blocksOf(range)) || "no blocks"}`}</span>
                <button
                  type="button"
                  aria-disabled={busy}
                  aria-label={`Eject ${device}`}
                  onClick={() => run({ do: "eject_device", id: device, path: child.path })}
                >
                  Eject
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
