import { formatNumberList, formatSize, ParseError } from "@memhp/abi";
import {
  type BlockOutlook,
  type Machine,
  offlineOutlook,
  type OfflinePlan,
  type OutlookAnswer,
  planMachineOffline,
  readGoal,
} from "@memhp/machine";
import { type ReactNode, type SubmitEvent, useEffect, useId, useState } from "react";
import type { Command } from "../session/commands.ts";
import type { Session } from "../session/session.ts";
import { groupRefusals } from "../words/refusal-words.ts";
import { Reason } from "./answer-view.tsx";

interface OutlookViewProps {
  readonly session: Session;
  readonly version: number;
  readonly block: number;
  readonly busy: boolean;
  readonly run: (command: Command) => void;
}

const headings: Readonly<Record<OutlookAnswer, string>> = {
  goes_offline: "It would go offline",
  kills_programs: "It would go offline after the OOM killer has ended programs",
  refused: "It would not go offline",
  never_ends: "An offline would try until somebody sends a signal",
  is_offline: "It is offline",
};

/** Whether the chosen block would go offline, and why not; and a plan that frees more. Nothing is tried. */
export function OutlookView({ session, version, block, busy, run }: OutlookViewProps): ReactNode {
  const [outlook, setOutlook] = useState<BlockOutlook | undefined>();
  useEffect(() => {
    if (busy || !session.machine.map.blocks.has(block)) return undefined;
    let isStale = false;
    const look = async (): Promise<void> => {
      const [found] = await offlineOutlook(session.machine, [block]);
      if (!isStale) setOutlook(found);
    };
    void look();
    return () => {
      isStale = true;
    };
  }, [session, version, block, busy]);
  return (
    <section className="outlook" aria-label="Would it go offline?">
      {outlook?.block === block && <Outlook outlook={outlook} pageSize={session.machine.pageSize} />}
      <PlanForm session={session} version={version} busy={busy} run={run} />
    </section>
  );
}

function Outlook({ outlook, pageSize }: { readonly outlook: BlockOutlook; readonly pageSize: number }): ReactNode {
  const { answer, refusal, use, targets = [] } = outlook;
  const moves =
    answer === "is_offline" || use === undefined
      ? ""
      : use.movable === 0
        ? ": nothing has to move"
        : `: ${pagesText(use.movable, pageSize)} move${targets.length === 0 ? "" : ` to ${nodesText(targets)}`}`;
  return (
    <>
      <p className="verdict" data-answer={answer}>
        {`${headings[answer]}${answer === "goes_offline" ? moves : ""}.`}
      </p>
      {refusal !== undefined && groupRefusals([refusal]).map((group) => <Reason key={0} group={group} />)}
    </>
  );
}

function pagesText(pages: number, pageSize: number): string {
  return `${pages} ${pages === 1 ? "page" : "pages"} (${formatSize(pages * pageSize)})`;
}

function nodesText(targets: readonly { readonly node: number }[]): string {
  const nodes = formatNumberList(targets.map(({ node }) => node));
  return `${/\D/.test(nodes) ? "nodes" : "node"} ${nodes}`;
}

interface Plan {
  readonly what: string;
  /** The machine as it was; what has changed since makes the plan old. */
  readonly version: number;
  readonly plan: OfflinePlan;
}

function PlanForm({ session, version, busy, run }: Omit<OutlookViewProps, "block">): ReactNode {
  const { machine } = session;
  const [goal, setGoal] = useState("");
  const [plan, setPlan] = useState<Plan | undefined>();
  const [problem, setProblem] = useState("");
  const id = useId();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setPlan(undefined);
    setProblem("");
    try {
      const found = await planFor(goal.trim(), machine);
      setPlan({ ...found, version: session.version() });
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      setProblem(error.message);
    }
  };
  return (
    <>
      <form className="row" aria-label="Plan what to take offline" onSubmit={(event) => void submit(event)}>
        <label htmlFor={id}>Free</label>
        <input
          id={id}
          list={`${id}-known`}
          value={goal}
          placeholder="2G, or a DIMM"
          spellCheck={false}
          autoComplete="off"
          aria-invalid={problem !== ""}
          aria-describedby={`${id}-problem`}
          onChange={(event) => setGoal(event.target.value)}
        />
        <datalist id={`${id}-known`}>
          {machine.pluggedMemory().map((dimm) => (
            <option key={dimm.id} value={dimm.id} />
          ))}
        </datalist>
        <button type="submit" aria-disabled={busy}>
          Plan
        </button>
      </form>
      <p id={`${id}-problem`} role="alert">
        {problem}
      </p>
      {plan !== undefined && (
        <PlanView plan={plan} isOld={plan.version !== version} pageSize={machine.pageSize} busy={busy} run={run} />
      )}
    </>
  );
}

async function planFor(text: string, machine: Machine): Promise<Pick<Plan, "what" | "plan">> {
  const goal = readGoal(text, machine);
  const name = goal.dimm ?? formatSize(goal.bytes);
  const what = `${name} (${goal.blocks} ${goal.blocks === 1 ? "block" : "blocks"})`;
  return { what, plan: await planMachineOffline(machine, goal.planned) };
}

interface PlanViewProps {
  readonly plan: Plan;
  readonly isOld: boolean;
  readonly pageSize: number;
  readonly busy: boolean;
  readonly run: (command: Command) => void;
}

function PlanView({ plan: { what, plan }, isOld, pageSize, busy, run }: PlanViewProps): ReactNode {
  const old = isOld && <p className="quiet">The machine has changed since.</p>;
  if (!plan.ok) {
    return (
      <div className="plan" role="status" aria-label="Plan">
        <p className="verdict" data-answer="refused">{`There is no plan that frees ${what}.`}</p>
        {old}
        {groupRefusals(plan.obstacles)
          .slice(0, 4)
          .map((group) => (
            <Reason key={`${group.refusal.rule} ${group.blocks}`} group={group} />
          ))}
      </div>
    );
  }
  const { steps, pages, atMostPages } = plan;
  if (steps.length === 0) return <p role="status" aria-label="Plan">{`${what}: nothing of it is online.`}</p>;
  const total = pages === atMostPages ? pagesText(pages, pageSize) : `${pages} to ${pagesText(atMostPages, pageSize)}`;
  return (
    <div className="plan" role="status" aria-label="Plan">
      <p className="verdict" data-answer="goes_offline">
        {`To free ${what}, ${total} move:`}
      </p>
      {old}
      <ol>
        {steps.map(({ block, pages: moving, targets }) => (
          <li key={block}>
            <b>{`memory${block}`}</b>{" "}
            {moving === 0 ? "nothing to move" : `${pagesText(moving, pageSize)} to ${nodesText(targets)}`}
          </li>
        ))}
      </ol>
      <button
        type="button"
        aria-disabled={busy || isOld}
        onClick={() => !isOld && run({ do: "free", blocks: steps.map(({ block }) => block) })}
      >
        Take them offline in this order
      </button>
    </div>
  );
}
