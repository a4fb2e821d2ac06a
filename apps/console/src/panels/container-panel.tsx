import type { ReactNode } from "react";
import type { Asked } from "../host/session-host.ts";
import type { ContainerView, MachineView } from "../host/views.ts";
import type { ContainerAction } from "../session/container-text.ts";
import { sizeWords } from "../words/size-words.ts";

interface ContainerPanelProps {
  readonly view: MachineView;
  readonly blocked: boolean;
  readonly run: (command: Asked) => void;
}

/** Containers, which bring a whole node: what firmware and userspace do with each, and with the memory in it. */
export function ContainerPanel({ view, blocked, run }: ContainerPanelProps): ReactNode {
  return view.containers.map((container) => (
    <One key={container.id} container={container} blocked={blocked} run={run} />
  ));
}

interface OneProps extends Omit<ContainerPanelProps, "view"> {
  readonly container: ContainerView;
}

function One({ container, blocked, run }: OneProps): ReactNode {
  const { id, hid, isIn, isOnline, memory } = container;
  const button = (action: ContainerAction, words: string): ReactNode => (
    <button
      type="button"
      aria-disabled={blocked}
      aria-label={`${words} ${id}`}
      onClick={() => run({ do: "container", id, action })}
    >
      {words}
    </button>
  );
  const state = !isIn ? "not in the machine" : isOnline ? "online" : "offline";
  return (
    <div className="container" role="group" aria-label={`Container ${id}`}>
      <p>
        <b>{id}</b> <span className="quiet">{`${hid} · ${state}`}</span>
      </p>
      <div className="words">
        {button("bus_check", isIn ? "Bus check" : "Insert")}
        {isIn && button("device_check", "Device check")}
        {isIn && button(isOnline ? "offline" : "online", isOnline ? "Offline" : "Online")}
        {isIn && button("eject", "Eject")}
      </div>
      {memory.length > 0 && (
        <ul className="dimms">
          {memory.map(({ id: device, path, sizeBytes, blocks }) => (
            <li key={device}>
              <b>{device}</b>
              <span>{`${sizeWords(sizeBytes)} · ${blocks || "no blocks"}`}</span>
              <button
                type="button"
                aria-disabled={blocked}
                aria-label={`Eject ${device}`}
                onClick={() => run({ do: "eject_device", id: device, path })}
              >
                Eject
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
