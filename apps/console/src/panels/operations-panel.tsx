import { type ReactNode, useId } from "react";
import { Missing } from "../page/part.tsx";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useOperations } from "../remote/use-operations.ts";
import type { Answer } from "../session/answer.ts";
import type { Asked } from "../session/asked.ts";
import { OperationForm } from "./operation-form.tsx";

interface OperationsPanelProps {
  readonly session: RemoteSession;
  /** The operation whose form is shown. */
  readonly op: string;
  readonly choose: (op: string) => void;
  readonly answer: Answer | undefined;
  readonly blocked: boolean;
  readonly run: (asked: Asked) => void;
}

/** Everything that a step of a scenario can do, each with a form made of its schema. */
export function OperationsPanel({ session, op, choose, answer, blocked, run }: OperationsPanelProps): ReactNode {
  const { operations, failed, again } = useOperations(session);
  const id = useId();
  if (failed !== "") return <Missing text={failed} again={again} />;
  if (operations === undefined) return <p className="quiet">Loading…</p>;
  const chosen = operations.find((each) => each.op === op) ?? operations[0];
  if (chosen === undefined) return null;
  return (
    <>
      <div className="fields">
        <label htmlFor={id}>Operation</label>
        <select id={id} value={chosen.op} onChange={(event) => choose(event.target.value)}>
          {operations.map((each) => (
            <option key={each.op}>{each.op}</option>
          ))}
        </select>
      </div>
      <p className="quiet">{`${chosen.about}.`}</p>
      <OperationForm
        key={chosen.op}
        session={session}
        op={chosen.op}
        name={`Operation ${chosen.op}`}
        submit={`Do ${chosen.op}`}
        explains
        answer={answer}
        blocked={blocked}
        run={run}
      />
    </>
  );
}
