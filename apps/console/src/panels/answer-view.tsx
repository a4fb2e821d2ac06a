import type { ReactNode } from "react";
import type { Answer } from "../session/answer.ts";
import { errnoWords, meaningOf, pagesOf, type RefusalGroup, retryOf } from "../words/refusal-words.ts";

const marks: Readonly<Record<Answer["tone"], string>> = { done: "✓", partly: "◐", refused: "✕", error: "!" };

/** The outcome of what was done last, read out by screen readers. */
export function AnswerView({ answer }: { readonly answer: Answer | undefined }): ReactNode {
  return (
    <div className="answer" role="status" aria-live="polite" aria-label="Outcome" data-tone={answer?.tone}>
      {answer !== undefined && (
        <>
          <p className="outcome">
            <span className="mark" aria-hidden="true">
              {marks[answer.tone]}
            </span>
            <code>{answer.command}</code> {answer.text}
          </p>
          {answer.refusals.slice(0, 4).map((group) => (
            <Reason
              key={`${group.refusal.code} ${group.refusal.rule} ${group.blocks}`}
              group={group}
              alone={answer.refusals.length === 1 && group.count === 1}
            />
          ))}
          {answer.refusals.length > 4 && <p>{`and ${answer.refusals.length - 4} more reasons, in the events`}</p>}
        </>
      )}
    </div>
  );
}

/** Why, by which rule, and what would help. */
export function Reason({
  group: { refusal, count, blocks },
  alone,
}: {
  readonly group: RefusalGroup;
  readonly alone: boolean;
}): ReactNode {
  const pages = pagesOf(refusal);
  return (
    <dl className="reason">
      <dt>why</dt>
      <dd>
        {!alone && blocks !== "" && (
          <b>{`${count === 1 ? "block" : `${count} blocks`} ${blocks}: ${errnoWords(refusal.errno)}. `}</b>
        )}
        {meaningOf(refusal.code)} <code>{refusal.code}</code>
        {refusal.detail !== undefined && <span>{` (${refusal.detail})`}</span>}
      </dd>
      {pages !== undefined && (
        <>
          <dt>pages</dt>
          <dd>{pages}</dd>
        </>
      )}
      <dt>rule</dt>
      <dd>{refusal.rule}</dd>
      <dt>help</dt>
      <dd>
        {refusal.remedy.join("; ")}
        {refusal.remedy.length > 0 ? ". " : ""}
        {retryOf(refusal)}
      </dd>
    </dl>
  );
}
