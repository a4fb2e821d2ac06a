import type { ReactNode } from "react";
import type { DeviceStateView } from "../host/views.ts";

interface DeviceStatesProps {
  readonly devices: readonly DeviceStateView[];
}

/** Memory devices that are no DIMMs: what each is at. What can be done to them is among all operations. */
export function DeviceStates({ devices }: DeviceStatesProps): ReactNode {
  return (
    <ul className="dimms">
      {devices.map(({ id, words }) => (
        <li key={id}>
          <b>{id}</b>
          <span>{words}</span>
        </li>
      ))}
    </ul>
  );
}
