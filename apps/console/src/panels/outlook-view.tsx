import { type ReactNode, type SubmitEvent, useId, useState } from "react";
import type { Asked } from "../host/session-host.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer } from "../remote/use-session.ts";
import type { PlanView as Plan } from "../session/outlook.ts";
import { Reason } from "./answer-view.tsx";

interface OutlookViewProps {
  readonly session: RemoteSession;
  readonly block: number;
  readonly blocked: boolean;
  readonly run: (command: Asked) => void;
}

/** Whether the chosen block would go offline, and why not; and a plan that frees more. Nothing is tried. */
export function OutlookView({ session, block, blocked, run }: OutlookViewProps): ReactNode {
  const outlook = useAnswer(() => session.host.outlook(block), [session, session.partsVersion, block]);
  return (
    <section className="outlook" aria-label="Would it go offline?">
      {outlook?.block === block && (
        <>
          <p className="verdict" data-answer={outlook.answer}>
            {outlook.text}
          </p>
          {outlook.refusals.map((group) => (
            <Reason key={group.refusal.code} group={group} />
          ))}
        </>
      )}
      <PlanForm session={session} blocked={blocked} run={run} />
    </section>
  );
}

interface Planned {
  /** The machine as it was; what was done since makes the plan old. */
  readonly version: number;
  readonly plan: Plan;
}

function PlanForm({ session, blocked, run }: Omit<OutlookViewProps, "block">): ReactNode {
  const [goal, setGoal] = useState("");
  const [planned, setPlanned] = useState<Planned | undefined>();
  const [problem, setProblem] = useState("");
  const id = useId();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setPlanned(undefined);
    setProblem("");
    try {
      const version = session.partsVersion;
      const plan = await session.orLost(session.host.plan(goal.trim()));
      setPlanned({ version, plan });
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <>
      <form className="row" onSubmit={(event) => void submit(event)} aria-label="Plan">
        <label htmlFor={id}>Free</label>
        <input
          id={id}
          value={goal}
          list={`${id}-dimms`}
          placeholder="4G, or a DIMM"
          spellCheck={false}
          autoComplete="off"
          aria-invalid={problem !== ""}
          aria-describedby={`${id}-problem`}
          onChange={(event) => setGoal(event.target.value)}
        />
        <datalist id={`${id}-dimms`}>
          {session.view.dimms.slice(0, 256).map((dimm) => (
            <option key={dimm.id} value={dimm.id} />
          ))}
        </datalist>
        <button type="submit">Plan</button>
      </form>
      <p id={`${id}-problem`} role="alert">
        {problem}
      </p>
      {planned !== undefined && (
        <PlanView plan={planned.plan} isOld={planned.version !== session.partsVersion} blocked={blocked} run={run} />
      )}
    </>
  );
}

interface PlanViewProps {
  readonly plan: Plan;
  readonly isOld: boolean;
  readonly blocked: boolean;
  readonly run: (command: Asked) => void;
}

function PlanView({ plan: { isPossible, text, steps, refusals }, isOld, blocked, run }: PlanViewProps): ReactNode {
  return (
    <div className="plan" role="status" aria-label="Plan">
      <p className="verdict" data-answer={isPossible ? "goes_offline" : "refused"}>
        {text}
      </p>
      {isOld && <p className="quiet">The machine has changed since.</p>}
      {refusals.slice(0, 4).map((group) => (
        <Reason key={`${group.refusal.rule} ${group.blocks}`} group={group} />
      ))}
      {steps.length > 0 && (
        <ol tabIndex={0} aria-label="Blocks in order">
          {steps.map(({ block, text: moves }) => (
            <li key={block}>
              <b>{`memory${block}`}</b> {moves}
            </li>
          ))}
        </ol>
      )}
      {steps.length > 0 && (
        <button
          type="button"
          aria-disabled={blocked || isOld}
          onClick={() => !isOld && run({ do: "free", blocks: steps.map(({ block }) => block) })}
        >
          Take them offline in this order
        </button>
      )}
    </div>
  );
}
