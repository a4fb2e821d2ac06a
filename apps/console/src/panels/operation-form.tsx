import { type ReactNode, type SubmitEvent, useState } from "react";
import { Missing } from "../page/part.tsx";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useOperations } from "../remote/use-operations.ts";
import type { Answer } from "../session/answer.ts";
import type { Asked } from "../session/asked.ts";
import { type Operand, operandsOf, stepOf, type Typed } from "../session/operands.ts";
import type { OperationView } from "../session/operations.ts";
import { ChoiceField, TextField } from "./fields.tsx";

/** How a field is shown where its schema does not say all. */
interface FieldHint {
  readonly label?: string;
  /** Values with words, instead of those of the schema. */
  readonly choices?: readonly (readonly [value: string, words: string])[];
  readonly placeholder?: string;
  /** It is only asked for then. */
  readonly when?: (typed: Typed) => boolean;
}

interface OperationFormProps {
  readonly session: RemoteSession;
  readonly op: string;
  /** What the form is called, and what its button says. */
  readonly name: string;
  readonly submit: string;
  /** Texts that stand in the fields at first. */
  readonly first?: Typed;
  readonly hints?: Readonly<Record<string, FieldHint>>;
  /** Fields that are asked for at once; all where undefined. The others are behind "More". */
  readonly shown?: readonly string[];
  /** Says below each field what it is. */
  readonly explains?: boolean;
  /** `d` for names `d0`, `d1`, … of who gets none. */
  readonly freshId?: string;
  /** Makes of what was typed what the schema has fields for. */
  readonly reading?: (typed: Typed) => Typed;
  readonly answer: Answer | undefined;
  readonly blocked: boolean;
  readonly run: (asked: Asked) => void;
}

/** The form of an operation: its fields, and what may stand in them, are those of the operation's own schema. */
export function OperationForm(props: OperationFormProps): ReactNode {
  const { operations, failed, again } = useOperations(props.session);
  if (failed !== "") return <Missing text={failed} again={again} />;
  const view = operations?.find(({ op }) => op === props.op);
  if (view === undefined) return <p className="quiet">Loading…</p>;
  return <Fields {...props} view={view} />;
}

function Fields(props: OperationFormProps & { readonly view: OperationView }): ReactNode {
  const { view, op, name, submit: words, first = {}, hints = {}, shown, answer, blocked, run } = props;
  const { reading = (read) => read, freshId, explains = false } = props;
  const [typed, setTyped] = useState<Typed>(first);
  const operands = operandsOf(view.operands);
  const problem = answer?.problem?.op === op ? answer : undefined;
  const wrong = problem?.problem?.operand;
  const wrongField = operands.find(
    ({ path }) => wrong === path || wrong?.startsWith(`${path}.`) || wrong?.startsWith(`${path}[`),
  );
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (blocked) return;
    run({
      do: "steps",
      steps: [stepOf(op, view.operands, reading(typed))],
      ...(freshId === undefined ? {} : { freshId }),
    });
    // The next one has a name of its own.
    if (freshId !== undefined) setTyped({ ...typed, id: "" });
  };
  const field = (operand: Operand): ReactNode => (
    <OperandField
      key={operand.path}
      operand={operand}
      hint={hints[operand.path] ?? {}}
      explains={explains}
      value={typed[operand.path] ?? ""}
      change={(value) => setTyped({ ...typed, [operand.path]: value })}
      problem={operand === wrongField ? (problem?.text ?? "") : ""}
    />
  );
  const asked = operands.filter(({ path }) => hints[path]?.when?.(typed) !== false);
  const isAtOnce = ({ path }: Operand): boolean => shown === undefined || shown.includes(path);
  const more = asked.filter((operand) => !isAtOnce(operand));
  return (
    <form onSubmit={submit} aria-label={name} noValidate>
      <div className="fields">{asked.filter(isAtOnce).map(field)}</div>
      {more.length > 0 && (
        <details className="more" open={more.some((operand) => operand === wrongField) || undefined}>
          <summary>More</summary>
          <div className="fields">{more.map(field)}</div>
        </details>
      )}
      {problem !== undefined && wrongField === undefined && (
        <p className="field-problem" role="alert">
          {problem.text}
        </p>
      )}
      <button type="submit" aria-disabled={blocked}>
        {words}
      </button>
    </form>
  );
}

interface OperandFieldProps {
  readonly operand: Operand;
  readonly hint: FieldHint;
  readonly explains: boolean;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly problem: string;
}

function OperandField({ operand, hint, explains, value, change, problem }: OperandFieldProps): ReactNode {
  const { path, about, kind, required, placeholder } = operand;
  const label = hint.label ?? path;
  const note = explains ? about : "";
  if (kind === "choice" || hint.choices !== undefined) {
    const own = operand.choices.map((word) => [word, word] as const);
    const choices = hint.choices ?? [["", required ? "choose" : `– ${placeholder}`.trimEnd()] as const, ...own];
    return <ChoiceField {...{ label, value, choices, change, problem, note }} />;
  }
  const shown = hint.placeholder ?? (placeholder === "" && !required ? "–" : placeholder);
  return <TextField {...{ label, value, change, problem, note }} placeholder={shown} suggestions={operand.choices} />;
}
