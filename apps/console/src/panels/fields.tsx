import { type ReactNode, useId } from "react";

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  /** What is wrong with it, said below. */
  readonly problem?: string;
}

/** A text with its name before it. */
export function TextField({ label, value, change, placeholder, disabled, problem = "" }: FieldProps): ReactNode {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        value={value}
        placeholder={placeholder}
        disabled={disabled}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={problem !== ""}
        aria-describedby={problem === "" ? undefined : `${id}-problem`}
        onChange={(event) => change(event.target.value)}
      />
      {problem !== "" && (
        <p id={`${id}-problem`} className="field-problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly change: (value: number) => void;
}

export function NumberField({ label, value, min, max, change }: NumberFieldProps): ReactNode {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="number"
        value={value}
        min={min}
        max={max}
        required
        onChange={(event) => change(event.target.valueAsNumber || 0)}
      />
    </>
  );
}

interface ChoiceFieldProps<T extends string> {
  readonly label: string;
  readonly value: T;
  /** Values with the words shown for them. */
  readonly choices: readonly (readonly [value: T, words: string])[];
  readonly change: (value: T) => void;
}

export function ChoiceField<T extends string>({ label, value, choices, change }: ChoiceFieldProps<T>): ReactNode {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => change(event.target.value as T)}>
        {choices.map(([choice, words]) => (
          <option key={choice} value={choice}>
            {words}
          </option>
        ))}
      </select>
    </>
  );
}
