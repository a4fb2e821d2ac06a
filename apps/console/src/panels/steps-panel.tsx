import { Fragment, type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { OpenReplay } from "../page/page-machine.ts";
import { traceText } from "../replay/trace-text.ts";
import { differencesOf, type FieldRow, fieldRows, recordedNotes, stepViews, type Verdict } from "../replay/steps.ts";

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
  readonly open: OpenReplay;
  readonly busy: boolean;
  readonly step: (to: number) => void;
}

/** The steps of a document, and for the one taken last what the kernel answered beside what memhp did. */
export function StepsPanel({ open: { replay, step: taken }, busy, step }: StepsPanelProps): ReactNode {
  const views = useMemo(() => stepViews(replay), [replay]);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.children[Math.max(0, taken - 1)]?.scrollIntoView({ block: "nearest" });
  }, [taken]);
  const go = (to: number): void => {
    if (to >= 0 && to <= views.length) step(to);
  };
  const press = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    go(taken + by);
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
        <strong
          data-verdict={
            replay.comparison === undefined
              ? replay.failures.length > 0
                ? "differs"
                : "same"
              : replay.comparison.differences.length > 0
                ? "differs"
                : "same"
          }
        >
          {summary(replay)}
        </strong>
        <button type="button" onClick={() => save(`${replay.document.name}.memhp-trace.json`, traceText(replay.trace))}>
          Save run
        </button>
      </div>
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
        <StepFields replay={replay} index={taken - 1} />
      )}
    </div>
  );
}

function summary({ comparison, document, failures }: OpenReplay["replay"]): string {
  if (comparison !== undefined)
    return `${comparison.matched} of ${comparison.total} steps as the kernel ${document.kernel} answered`;
  const expected = document.steps.filter((step) => step.expect !== undefined).length;
  if (expected === 0) return `${document.steps.length} steps`;
  return failures.length === 0 ? `all ${expected} expectations met` : `${failures.length} expectations not met`;
}

function StepFields({ replay, index }: { readonly replay: OpenReplay["replay"]; readonly index: number }): ReactNode {
  const [all, setAll] = useState(false);
  const rows = useMemo(() => fieldRows(replay, index), [replay, index]);
  const differences = differencesOf(replay, index);
  const step = replay.document.steps[index];
  if (step === undefined) return null;
  const recordedName = replay.comparison === undefined ? "expected" : `kernel ${replay.document.kernel}`;
  const shown = all ? rows : rows.filter(({ path }) => !path.startsWith("after_state"));
  return (
    <div className="fields-table" tabIndex={0} role="region" aria-label={`Step ${index + 1}`}>
      {recordedNotes(step, replay.trace.steps[index]).map((note) => (
        <p key={note} className="quiet">
          {note}
        </p>
      ))}
      {differences.length > 0 && (
        <p className="differences">{`${differences.length} ${differences.length === 1 ? "difference" : "differences"}: ${differences.map(({ what }) => what).join(", ")}`}</p>
      )}
      <table>
        <thead>
          <tr>
            <th className="row-mark" aria-label="mark" />
            <th scope="col">{`step ${index + 1}`}</th>
            <th scope="col">{recordedName}</th>
            <th scope="col">memhp</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ path, recorded, memhp, mark }) => (
            <tr key={path} data-mark={mark}>
              <td className="row-mark" title={markWords[mark]} aria-label={markWords[mark]}>
                {rowMarks[mark]}
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

function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
