import { type ReactNode, useId } from "react";

interface Said {
  readonly label: string;
  /** What is wrong with it, said below. */
  readonly problem?: string;
  /** What it is, said below. */
  readonly note?: string;
}

interface FieldProps extends Said {
  readonly value: string;
  readonly change: (value: string) => void;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  readonly suggestions?: readonly string[];
}

/** A text with its name before it. */
export function TextField({
  label,
  value,
  change,
  placeholder,
  disabled,
  suggestions = [],
  ...said
}: FieldProps): ReactNode {
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
        list={suggestions.length === 0 ? undefined : `${id}-list`}
        {...described(id, said)}
        onChange={(event) => change(event.target.value)}
      />
      {suggestions.length > 0 && (
        <datalist id={`${id}-list`}>
          {suggestions.map((word) => (
            <option key={word} value={word} />
          ))}
        </datalist>
      )}
      <Below id={id} {...said} />
    </>
  );
}

function described(id: string, { problem = "", note = "" }: Omit<Said, "label">) {
  const by = [...(problem === "" ? [] : [`${id}-problem`]), ...(note === "" ? [] : [`${id}-note`])];
  return {
    "aria-invalid": problem !== "",
    "aria-describedby": by.length === 0 ? undefined : by.join(" "),
  };
}

function Below({ id, problem = "", note = "" }: Omit<Said, "label"> & { readonly id: string }): ReactNode {
  return (
    <>
      {problem !== "" && (
        <p id={`${id}-problem`} className="field-problem" role="alert">
          {problem}
        </p>
      )}
      {note !== "" && (
        <p id={`${id}-note`} className="quiet field-note">
          {note}
        </p>
      )}
    </>
  );
}

interface NumberFieldProps extends Said {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly change: (value: number) => void;
}

export function NumberField({ label, value, min, max, change, ...said }: NumberFieldProps): ReactNode {
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
        {...described(id, said)}
        onChange={(event) => change(event.target.valueAsNumber || 0)}
      />
      <Below id={id} {...said} />
    </>
  );
}

interface ChoiceFieldProps<T extends string> extends Said {
  readonly value: T;
  /** Values with the words shown for them. */
  readonly choices: readonly (readonly [value: T, words: string])[];
  readonly change: (value: T) => void;
}

export function ChoiceField<T extends string>({
  label,
  value,
  choices,
  change,
  ...said
}: ChoiceFieldProps<T>): ReactNode {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} {...described(id, said)} onChange={(event) => change(event.target.value as T)}>
        {choices.map(([choice, words]) => (
          <option key={choice} value={choice}>
            {words}
          </option>
        ))}
      </select>
      <Below id={id} {...said} />
    </>
  );
}
