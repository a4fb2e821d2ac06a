import type { ErrnoName } from "@memhp/abi";
import type { ReactNode } from "react";
import type { MachineView } from "../host/views.ts";
import { asked, type Asked } from "../session/asked.ts";
import { injectActions } from "../session/state-words.ts";
import { ChoiceField } from "./fields.tsx";

interface InjectPanelProps {
  readonly view: MachineView;
  readonly run: (command: Asked) => void;
}

const errnos: readonly (ErrnoName | "none")[] = ["none", "ENOMEM", "EBUSY", "EPERM", "EINVAL", "EIO", "EAGAIN"];

/** Errors that the memory notifier chain is made to answer. */
export function InjectPanel({ view: { injected }, run }: InjectPanelProps): ReactNode {
  return (
    <section className="panel" aria-label="Error injection">
      <h2>Error injection</h2>
      <p className="quiet">A notifier that says no, as memory-notifier-error-inject does.</p>
      <div className="fields">
        {injectActions.map((action) => (
          <ChoiceField
            key={action}
            label={action}
            value={injected[action]}
            choices={[...new Set([...errnos, injected[action]])].map((name) => [name, name])}
            change={(errno) => run(asked({ op: "inject", action, errno: errno === "none" ? 0 : errno }))}
          />
        ))}
      </div>
    </section>
  );
}
