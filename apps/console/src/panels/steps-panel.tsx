import { Fragment, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { OpenView } from "../host/views.ts";
import type { PageEvent } from "../page/page-machine.ts";
import { saveFile } from "../page/save-file.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer } from "../remote/use-session.ts";
import type { FieldRow, Verdict } from "../replay/steps.ts";
import "./steps.css";

const marks: Readonly<Record<Verdict, string>> = { same: "✓", differs: "≠", plain: "·" };
const verdictWords: Readonly<Record<Verdict, string>> = {
  same: "as recorded",
  differs: "differs",
  plain: "not compared",
};
const rowMarks: Readonly<Record<FieldRow["mark"], string>> = { same: "", differs: "≠", varies: "~", unrecorded: "+" };

const markWords: Readonly<Record<FieldRow["mark"], string>> = {
  same: "the same",
  differs: "differs",
  varies: "differs from boot to boot of one kernel, so it is not compared",
  unrecorded: "not recorded or expected",
};

interface StepsPanelProps {
  readonly session: RemoteSession;
  readonly open: OpenView;
  readonly busy: boolean;
  /** A step that would drop so many things done by hand, until the person says so. */
  readonly asksFor: number | undefined;
  readonly byHand: number;
  readonly send: (event: PageEvent) => void;
}

/** The steps of a document, and for the one taken last what the kernel answered beside what memhp did. */
export function StepsPanel({ session, open, busy, asksFor, byHand, send }: StepsPanelProps): ReactNode {
  const { steps: views, step: taken } = open;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.children[Math.max(0, taken - 1)]?.scrollIntoView({ block: "nearest" });
  }, [taken]);
  const step = (to: number): void => send({ type: "STEP", to });
  const go = (to: number): void => {
    if (to >= 0 && to <= views.length) step(to);
  };
  const press = (event: KeyboardEvent): void => {
    const keys: Readonly<Record<string, number>> = {
      ArrowDown: taken + 1,
      ArrowUp: taken - 1,
      Home: Math.min(1, views.length),
      End: views.length,
    };
    const to = keys[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  };
  return (
    <div className="steps">
      <div className="stepper">
        <button type="button" aria-disabled={busy || taken === 0} onClick={() => go(taken - 1)}>
          Previous
        </button>
        <button type="button" aria-disabled={busy || taken === views.length} onClick={() => go(taken + 1)}>
          Next
        </button>
        <button type="button" aria-disabled={busy || taken === views.length} onClick={() => step(views.length)}>
          To the end
        </button>
        <span className="position">{`step ${taken} of ${views.length}`}</span>
        <strong data-verdict={open.differs ? "differs" : "same"}>{open.summary}</strong>
        <button
          type="button"
          onClick={() => void session.host.traceText().then((text) => saveFile(`${open.name}.memhp-trace.json`, text))}
        >
          Save run
        </button>
      </div>
      {asksFor !== undefined && (
        <div className="asks" role="alert">
          <span>
            {`Step ${asksFor} is run anew from the start: ${byHand} ${byHand === 1 ? "thing" : "things"} that you did by hand since would be gone.`}
          </span>
          <button type="button" onClick={() => send({ type: "STEP_ANYWAY" })}>
            Drop and go on
          </button>
          <button type="button" onClick={() => send({ type: "STAY" })}>
            Stay
          </button>
        </div>
      )}
      <ol ref={list} className="step-list" aria-label="Steps" tabIndex={0} onKeyDown={press}>
        {views.map(({ index, title, verdict }) => (
          <li
            key={index}
            data-verdict={verdict}
            data-taken={index < taken || undefined}
            aria-current={index === taken - 1 ? "step" : undefined}
          >
            <button type="button" tabIndex={-1} aria-disabled={busy} onClick={() => step(index + 1)} title={title}>
              <span className="verdict" role="img" aria-label={verdictWords[verdict]}>
                {marks[verdict]}
              </span>
              <span className="number">{index + 1}</span> {title}
            </button>
          </li>
        ))}
      </ol>
      {taken === 0 ? (
        <p className="quiet before">Booted. No step was taken yet: Next takes the first.</p>
      ) : (
        <StepFields session={session} open={open} index={taken - 1} />
      )}
    </div>
  );
}

interface StepFieldsProps {
  readonly session: RemoteSession;
  readonly open: OpenView;
  readonly index: number;
}

function StepFields({ session, open, index }: StepFieldsProps): ReactNode {
  const [all, setAll] = useState(false);
  const answered = useAnswer(async () => ({ index, ...(await session.host.fields(index)) }), [session, open, index]);
  if (answered?.index !== index) return <p className="quiet before">Comparing…</p>;
  const { rows, differences, notes } = answered;
  const recordedName = open.besides;
  const shown = all ? rows : rows.filter(({ path }) => !path.startsWith("after_state"));
  return (
    <div className="fields-table" tabIndex={0} role="region" aria-label={`Step ${index + 1}`}>
      {notes.map((note) => (
        <p key={note} className="quiet">
          {note}
        </p>
      ))}
      {differences.length > 0 && (
        <p className="differences">{`${differences.length} ${differences.length === 1 ? "difference" : "differences"}: ${differences.join(", ")}`}</p>
      )}
      <table>
        <thead>
          <tr>
            <th scope="col" className="row-mark">
              <span className="hidden">mark</span>
            </th>
            <th scope="col">{`step ${index + 1}`}</th>
            <th scope="col">{recordedName}</th>
            <th scope="col">memhp</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ path, recorded, memhp, mark }) => (
            <tr key={path} data-mark={mark}>
              <td className="row-mark" title={markWords[mark]}>
                <span aria-hidden="true">{rowMarks[mark]}</span>
                <span className="hidden">{markWords[mark]}</span>
              </td>
              <th scope="row">
                {path.split(".").map((part, i) => (
                  <Fragment key={i}>
                    {i > 0 && (
                      <>
                        .<wbr />
                      </>
                    )}
                    {part}
                  </Fragment>
                ))}
              </th>
              <td>{recorded ?? ""}</td>
              <td>{memhp ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && (
        <button
          type="button"
          className="quiet"
          onClick={() => setAll(true)}
        >{`Show the state after the step, ${rows.length - shown.length} more fields`}</button>
      )}
    </div>
  );
}
