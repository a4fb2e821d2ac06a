import { type ReactNode, type SubmitEvent, useId, useState } from "react";
import type { Asked } from "../session/asked.ts";
import { outlookLayer, planLayer } from "../map/forecast-layers.ts";
import type { Layer } from "../map/layers.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer } from "../remote/use-session.ts";
import type { PlanView as Plan } from "../session/outlook.ts";
import { countWords } from "../words/size-words.ts";
import { Reason } from "./answer-view.tsx";
import "./outlook.css";

interface OutlookViewProps {
  readonly session: RemoteSession;
  readonly block: number;
  readonly blocked: boolean;
  readonly run: (command: Asked) => void;
  readonly setLayer: (layer: Layer | undefined) => void;
}

/** Whether the chosen block would go offline, and why not; and a plan that frees more. Nothing is tried. */
export function OutlookView({ session, block, blocked, run, setLayer }: OutlookViewProps): ReactNode {
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
      <AllOutlooks session={session} setLayer={setLayer} />
      <PlanForm session={session} blocked={blocked} run={run} setLayer={setLayer} />
    </section>
  );
}

/** The same forecast of every block, shown on the map. */
export function AllOutlooks({ session, setLayer }: Pick<OutlookViewProps, "session" | "setLayer">): ReactNode {
  const [words, setWords] = useState("");
  const [isShown, setShown] = useState(false);
  const show = async (): Promise<void> => {
    setShown(!isShown);
    setLayer(undefined);
    setWords("");
    if (isShown) return;
    const { groups } = await session.orLost(session.host.outlooks());
    setLayer(outlookLayer(groups));
    setWords(groups.map(({ count, heading }) => `${countWords(count)} ${heading}`).join(" · "));
  };
  return (
    <div className="row">
      <button type="button" aria-pressed={isShown} onClick={() => void show()}>
        Forecast of all blocks on the map
      </button>
      <span className="quiet" role="status">
        {words}
      </span>
    </div>
  );
}

interface Planned {
  /** The machine as it was; what was done since makes the plan old. */
  readonly version: number;
  readonly plan: Plan;
}

/** A size or a DIMM to free, and in which order its blocks would go. */
export function PlanForm({
  session,
  blocked,
  run,
  setLayer,
  name = "Plan",
}: Omit<OutlookViewProps, "block"> & { readonly name?: string }): ReactNode {
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
      setLayer(plan.steps.length === 0 ? undefined : planLayer(plan.steps.map((step) => step.block)));
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <>
      <form className="row" onSubmit={(event) => void submit(event)} aria-label={name}>
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

/** The blocks of a plan, in its order; ends at the first that does not go. */
function freeing(steps: Plan["steps"]): Asked {
  return {
    do: "steps",
    steps: steps.map(({ block }) => ({ op: "block", n: block, v: "offline" })),
    untilRefused: true,
  };
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
        <button type="button" aria-disabled={blocked || isOld} onClick={() => !isOld && run(freeing(steps))}>
          Take them offline in this order
        </button>
      )}
    </div>
  );
}
