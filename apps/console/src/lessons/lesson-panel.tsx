import type { ReactNode } from "react";
import type { OpenView } from "../host/views.ts";
import type { PageEvent } from "../page/page-machine.ts";
import { lessons } from "./lesson-list.ts";
import { toldLessons } from "./lessons.ts";
import { ToldText } from "./told-text.tsx";

interface LessonPanelProps {
  readonly open: OpenView;
  readonly blocked: boolean;
  readonly send: (event: PageEvent) => void;
}

/** What the open run tells at the step that it stands at, where it is a lesson. */
export function LessonPanel({ open, blocked, send }: LessonPanelProps): ReactNode {
  const lesson = lessons.find(({ name }) => name === open.name);
  const told = toldLessons.find(({ name }) => name === open.name)?.told;
  if (lesson === undefined || told === undefined) return null;
  const at = told.findLastIndex(({ step }) => step <= open.step);
  const now = told[at];
  const next = told[at + 1];
  const before = told[at - 1];
  return (
    <section className="lesson" aria-label="Lesson">
      <h2>
        {lesson.title} <small>{`${at + 1} of ${told.length}`}</small>
      </h2>
      <p role="status" aria-label="Told">
        {now !== undefined && <ToldText text={now.text} />}
      </p>
      <div className="row">
        <button
          type="button"
          aria-disabled={blocked || before === undefined}
          onClick={() => before !== undefined && send({ type: "STEP", to: before.step })}
        >
          Back
        </button>
        <button
          type="button"
          className="primary"
          aria-disabled={blocked || next === undefined}
          onClick={() => next !== undefined && send({ type: "STEP", to: next.step })}
        >
          {next === undefined ? "That was it" : "Go on"}
        </button>
      </div>
    </section>
  );
}
