import { type ErrnoName, errnoFromNumber } from "@memhp/abi";
import type { ReactNode } from "react";
import { type Command, type InjectAction, injectActions } from "../session/commands.ts";
import type { Session } from "../session/session.ts";
import { ChoiceField } from "./fields.tsx";

interface InjectPanelProps {
  readonly session: Session;
  readonly run: (command: Command) => void;
}

const errnos: readonly (ErrnoName | "none")[] = ["none", "ENOMEM", "EBUSY", "EPERM", "EINVAL", "EIO", "EAGAIN"];

/** Errors that the memory notifier chain is made to answer. */
export function InjectPanel({ session, run }: InjectPanelProps): ReactNode {
  const errors = session.machine.core.injection?.errors;
  const current = (action: InjectAction): ErrnoName | "none" => {
    const value = errors?.[action] ?? 0;
    const name = typeof value === "number" && value !== 0 ? errnoFromNumber(value) : value;
    return errnos.find((known) => known === name) ?? "none";
  };
  return (
    <section className="panel" aria-label="Error injection">
      <h2>Error injection</h2>
      <p className="quiet">A notifier that says no, as memory-notifier-error-inject does.</p>
      <div className="fields">
        {injectActions.map((action) => (
          <ChoiceField
            key={action}
            label={action}
            value={current(action)}
            choices={errnos.map((name) => [name, name])}
            change={(errno) => run({ do: "inject", action, errno })}
          />
        ))}
      </div>
    </section>
  );
}
