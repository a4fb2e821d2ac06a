import { type ReactNode, useContext, useEffect, useRef } from "react";
import { Part } from "../page/part.tsx";
import { Sentence } from "../words/sentence.tsx";
import type { Answer } from "../session/answer.ts";
import type { RefusalGroup } from "../words/refusal-words.ts";
import { RefusalHelpContext } from "./refusal-help.ts";

const marks: Readonly<Record<Answer["tone"], string>> = { done: "✓", partly: "◐", refused: "✕", error: "!" };

interface AnswerViewProps {
  readonly answer: Answer | undefined;
  /** What boot could not do, until something else was done. */
  readonly bootRefusals?: readonly string[];
}

/** The outcome of what was done last, read out by screen readers. Its place is kept free, so that nothing else moves. */
export function AnswerView({ answer, bootRefusals = [] }: AnswerViewProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current !== null) place.current.scrollTop = 0;
  }, [answer]);
  return (
    <div
      ref={place}
      className="answer"
      role="status"
      aria-live="polite"
      aria-label="Outcome"
      tabIndex={0}
      data-tone={answer?.tone ?? (bootRefusals.length > 0 ? "partly" : undefined)}
    >
      {answer === undefined && bootRefusals.length === 0 && (
        <p className="quiet">What you do to the machine is answered here.</p>
      )}
      {answer === undefined && bootRefusals.map((text) => <p key={text}>{text}</p>)}
      {[...(answer === undefined ? [] : [answer]), ...(answer?.ended ?? [])].map((each, i) => (
        <One key={i} answer={each} />
      ))}
    </div>
  );
}

function One({ answer }: { readonly answer: Answer }): ReactNode {
  return (
    <>
      <p className="outcome">
        <span className="mark" aria-hidden="true">
          {marks[answer.tone]}
        </span>
        <code>{answer.command}</code> {answer.text}
      </p>
      {answer.refusals.slice(0, 4).map((group) => (
        <Reason key={`${group.refusal.code} ${group.refusal.rule} ${group.blocks}`} group={group} />
      ))}
      {answer.details !== undefined && (
        <details className="answered">
          <summary>all of the answer</summary>
          <pre tabIndex={0}>{answer.details}</pre>
        </details>
      )}
      {answer.refusals.length > 4 && <p>{`and ${answer.refusals.length - 4} more reasons, in the events`}</p>}
    </>
  );
}

// Most of what is done is not refused.
const remedies = async () => (await import("./remedies.tsx")).Remedies;

/** Why, by which rule, and what would help: in words, and as buttons where it can be done here. */
export function Reason({ group }: { readonly group: RefusalGroup }): ReactNode {
  const [what, rule, text] = group.sentences;
  const help = useContext(RefusalHelpContext);
  return (
    <div className="reasoned">
      <dl className="reason">
        <dt>why</dt>
        <dd>
          <Sentence text={what} />
        </dd>
        <dt>rule</dt>
        <dd>
          <Sentence text={rule} />
        </dd>
        <dt>help</dt>
        <dd>
          <Sentence text={text} />
        </dd>
      </dl>
      {help !== undefined && <Part load={remedies} name="what would help" props={{ refusal: group.refusal, help }} />}
    </div>
  );
}
