import type { ReactNode } from "react";
import type { Answer } from "../session/answer.ts";
import { type RefusalGroup, sentencesOf } from "../words/refusal-words.ts";

const marks: Readonly<Record<Answer["tone"], string>> = { done: "✓", partly: "◐", refused: "✕", error: "!" };

/** The outcome of what was done last, read out by screen readers. */
export function AnswerView({ answer }: { readonly answer: Answer | undefined }): ReactNode {
  return (
    <div className="answer" role="status" aria-live="polite" aria-label="Outcome" data-tone={answer?.tone}>
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
      {answer.refusals.length > 4 && <p>{`and ${answer.refusals.length - 4} more reasons, in the events`}</p>}
    </>
  );
}

/** Why, by which rule, and what would help. */
export function Reason({ group }: { readonly group: RefusalGroup }): ReactNode {
  const [what, rule, help] = sentencesOf(group);
  return (
    <dl className="reason">
      <dt>why</dt>
      <dd>{what}</dd>
      <dt>rule</dt>
      <dd>{rule}</dd>
      <dt>help</dt>
      <dd>{help}</dd>
    </dl>
  );
}
