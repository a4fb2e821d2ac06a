import { kernels } from "@memhp/kernels";
import { type ReactNode, type SubmitEvent, useState } from "react";
import {
  type BootForm,
  type BootOption,
  bootOptions,
  knowsOption,
  MAX_WORKERS,
  optionValue,
  withOption,
} from "../session/boot-form.ts";
import { ChoiceField, NumberField, TextField } from "./fields.tsx";

interface BootPanelProps {
  readonly form: BootForm;
  readonly busy: boolean;
  readonly boot: (form: BootForm) => void;
}

const blockSizes = ["auto", "128M", "256M", "512M", "1G", "2G"].map((size) => [size, size] as const);

/** The machine and the kernel to boot on it. */
export function BootPanel({ form: booted, busy, boot }: BootPanelProps): ReactNode {
  const [form, setForm] = useState(booted);
  const set = (part: Partial<BootForm>): void => setForm({ ...form, ...part });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    boot(form);
  };
  return (
    <form className="panel" aria-label="Boot a machine" onSubmit={submit}>
      <h2>New machine</h2>
      <div className="fields">
        <ChoiceField
          label="Kernel"
          value={form.kernel}
          choices={kernels.map(({ id, title }) => [id, title])}
          change={(kernel) => set({ kernel })}
        />
        <NumberField label="Nodes" value={form.nodes} min={1} max={1024} change={(nodes) => set({ nodes })} />
        <TextField label="Memory per node" value={form.memory} change={(memory) => set({ memory })} />
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
        />
        <NumberField
          label="Container nodes"
          value={form.containers}
          min={0}
          max={16}
          change={(containers) => set({ containers })}
        />
        <ChoiceField
          label="Memory block"
          value={form.blockSize}
          choices={blockSizes}
          change={(blockSize) => set({ blockSize })}
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
            .filter((option) => knowsOption(option, form.kernel))
            .map((option) => (
              <OptionField
                key={option.name}
                option={option}
                cmdline={form.cmdline}
                change={(cmdline) => set({ cmdline })}
              />
            ))}
          <div className="fields">
            <TextField label="All of it" value={form.cmdline} change={(cmdline) => set({ cmdline })} />
          </div>
        </div>
      </details>
      <button type="submit" className="primary" aria-disabled={busy}>
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
