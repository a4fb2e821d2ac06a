import type { ReactNode } from "react";
import type { ContainerView, MachineView } from "../host/views.ts";
import { asked, type Asked } from "../session/asked.ts";
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
  const button = (words: string, operands: { readonly action: string; readonly notify?: string }): ReactNode => (
    <button
      type="button"
      aria-disabled={blocked}
      aria-label={`${words} ${id}`}
      onClick={() => run(asked({ op: "container", id, ...operands }))}
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
        {button(isIn ? "Bus check" : "Insert", { action: "add" })}
        {isIn && button("Device check", { action: "add", notify: "device_check" })}
        {isIn && button(isOnline ? "Offline" : "Online", { action: isOnline ? "offline" : "online" })}
        {isIn && button("Eject", { action: "eject" })}
      </div>
      {memory.length > 0 && (
        <ul className="dimms">
          {memory.map(({ id: device, eject, sizeBytes, blocks }) => (
            <li key={device}>
              <b>{device}</b>
              <span>{`${sizeWords(sizeBytes)} · ${blocks || "no blocks"}`}</span>
              <button
                type="button"
                aria-disabled={blocked}
                aria-label={`Eject ${device}`}
                onClick={() => run(asked({ op: "write", path: eject, data: "1" }))}
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
