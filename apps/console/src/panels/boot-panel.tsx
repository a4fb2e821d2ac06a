import { type ReactNode, type SubmitEvent, useState } from "react";
import {
  type BootForm,
  type BootOption,
  bootOptions,
  type Catalogue,
  fieldOf,
  kernelChosen,
  MAX_WORKERS,
  optionValue,
  withOption,
  withSwitch,
} from "../session/boot-form.ts";
import { ChoiceField, NumberField, TextField } from "./fields.tsx";

interface BootPanelProps {
  readonly form: BootForm;
  /** Kernels to choose from; undefined until a worker has told. */
  readonly catalogue: Catalogue | undefined;
  /** Kernel of the machine that is shown. */
  readonly running: string | undefined;
  /** What is wrong with the form that was sent. */
  readonly problem: string;
  readonly boot: (form: BootForm) => void;
}

const blockSizes = ["auto", "128M", "256M", "512M", "1G", "2G"].map((size) => [size, size] as const);

/** The machine and the kernel to boot on it. */
export function BootPanel({ form: booted, catalogue, running, problem, boot }: BootPanelProps): ReactNode {
  const [form, setForm] = useState(booted);
  const set = (part: Partial<BootForm>): void => setForm({ ...form, ...part });
  const kernel = form.kernel === "" ? (running ?? "") : form.kernel;
  const choices = catalogue?.kernels ?? [{ id: kernel, title: kernel, options: [], switches: [] }];
  const { options: known = [], switches = [] } = choices.find(({ id }) => id === kernel) ?? {};
  const wrong = fieldOf(problem);
  const changed = Object.entries(form.config);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    boot({ ...form, kernel });
  };
  return (
    <form className="panel" aria-label="Boot a machine" onSubmit={submit}>
      <h2>New machine</h2>
      <div className="fields">
        <ChoiceField
          label="Kernel"
          value={kernel}
          choices={choices.map(({ id, title }) => [id, title])}
          change={(chosen) => set(kernelChosen(chosen))}
        />
        <NumberField
          label="Nodes"
          value={form.nodes}
          min={1}
          max={1024}
          change={(nodes) => set({ nodes })}
          problem={wrong === "nodes" ? problem : ""}
        />
        <TextField
          label="Memory per node"
          value={form.memory}
          change={(memory) => set({ memory })}
          problem={wrong === "memory" ? problem : ""}
        />
        <NumberField
          label="DIMMs per node"
          value={form.dimmsPerNode}
          min={0}
          max={16}
          change={(dimmsPerNode) => set({ dimmsPerNode })}
        />
        <TextField
          label="DIMM size"
          value={form.dimmSize}
          disabled={form.dimmsPerNode === 0 && form.containers === 0}
          change={(dimmSize) => set({ dimmSize })}
          problem={wrong === "dimmSize" ? problem : ""}
        />
        <NumberField
          label="Container nodes"
          value={form.containers}
          min={0}
          max={16}
          change={(containers) => set({ containers })}
          problem={wrong === "containers" ? problem : ""}
        />
        <ChoiceField
          label="Memory block"
          value={form.blockSize}
          choices={blockSizes}
          change={(blockSize) => set({ blockSize })}
          problem={wrong === "blockSize" ? problem : ""}
        />
        <NumberField
          label="Workers"
          value={form.workers}
          min={0}
          max={MAX_WORKERS}
          change={(workers) => set({ workers })}
        />
      </div>
      <details>
        <summary>
          Kernel command line{form.cmdline === "" ? "" : ": "}
          {form.cmdline !== "" && <code>{form.cmdline}</code>}
        </summary>
        <div className="options">
          {bootOptions
            .filter(({ name }) => known.includes(name))
            .map((option) => (
              <OptionField
                key={option.name}
                option={option}
                cmdline={form.cmdline}
                change={(cmdline) => set({ cmdline })}
              />
            ))}
          <div className="fields">
            <TextField
              label="All of it"
              value={form.cmdline}
              change={(cmdline) => set({ cmdline })}
              problem={wrong === "cmdline" ? problem : ""}
            />
          </div>
        </div>
      </details>
      <details open={wrong === "config" || undefined}>
        <summary>
          Kernel configuration{changed.length === 0 ? "" : ": "}
          {changed.length > 0 && <code>{changed.map(([name, on]) => `${name}=${on ? "y" : "n"}`).join(" ")}</code>}
        </summary>
        <div className="options">
          {switches.map((each) => (
            <div key={each.name} className="option">
              <label title={`${each.about}${each.fixed === "" ? "" : ` (${each.fixed})`}`}>
                <input
                  type="checkbox"
                  checked={form.config[each.name] ?? each.value}
                  disabled={each.fixed !== ""}
                  onChange={(event) => set({ config: withSwitch(form.config, each, event.target.checked) })}
                />
                <code>{each.name}</code>
              </label>
            </div>
          ))}
        </div>
        {wrong === "config" && (
          <p className="field-problem" role="alert">
            {problem}
          </p>
        )}
      </details>
      {problem !== "" && wrong === undefined && <p role="alert">{problem}</p>}
      <button type="submit" className="primary">
        Boot
      </button>
    </form>
  );
}

interface OptionFieldProps {
  readonly option: BootOption;
  readonly cmdline: string;
  readonly change: (cmdline: string) => void;
}

function OptionField({ option: { name, about, values, free }, cmdline, change }: OptionFieldProps): ReactNode {
  const value = optionValue(cmdline, name);
  const first = values?.[0] ?? free ?? "";
  return (
    <div className="option">
      <label title={about}>
        <input
          type="checkbox"
          checked={value !== undefined}
          onChange={(event) => change(withOption(cmdline, name, event.target.checked ? first : undefined))}
        />
        <code>{name}</code>
      </label>
      {value !== undefined && free !== undefined && (
        <input
          aria-label={`${name} value`}
          value={value}
          spellCheck={false}
          onChange={(event) => change(withOption(cmdline, name, event.target.value.replaceAll(/\s/g, "")))}
        />
      )}
      {value !== undefined && values !== undefined && (
        <select
          aria-label={`${name} value`}
          value={value}
          onChange={(event) => change(withOption(cmdline, name, event.target.value))}
        >
          {values.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      )}
    </div>
  );
}
