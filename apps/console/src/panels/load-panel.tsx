import { type LoadKind, loadKinds } from "@memhp/engine";
import { type ReactNode, type SubmitEvent, useState } from "react";
import type { Asked } from "../host/session-host.ts";
import type { MachineView } from "../host/views.ts";
import type { LoadForm } from "../session/load-form.ts";
import { sizeWords } from "../words/size-words.ts";
import { ChoiceField, NumberField, TextField } from "./fields.tsx";

interface LoadPanelProps {
  readonly view: MachineView;
  readonly blocked: boolean;
  readonly run: (command: Asked) => void;
}

/** Kinds of loads with what they are to somebody who runs the machine. */
const kindWords: Readonly<Record<LoadKind, string>> = {
  anon: "anon – a program's memory",
  file: "file – page cache",
  shm: "shm – shared memory",
  mlock: "mlock – locked memory",
  thp: "thp – transparent hugepages",
  hugetlb: "hugetlb – 2M hugepages",
  hugetlb_1g: "hugetlb_1g – 1G hugepages",
  slab: "slab – kernel objects",
  dentry: "dentry – kernel caches",
  pagetable: "pagetable – page tables",
  pipe: "pipe – pipe buffers",
  pinned: "pinned – pinned by a device",
  balloon: "balloon – taken by a hypervisor",
  secret: "secret – memfd_secret",
  kernel: "kernel – other kernel memory",
};
const drops = [
  ["1", "1 – page cache"],
  ["2", "2 – reclaimable slab"],
  ["3", "3 – both"],
] as const;
/** Lists longer than this are cut. */
const SHOWN = 64;

/** Programs that use memory: start one, end one; and caches to drop. */
export function LoadPanel({ view, blocked, run }: LoadPanelProps): ReactNode {
  const { loads: running, loadNodes: nodes } = view;
  const [typed, setTyped] = useState<Partial<LoadForm>>({});
  const [drop, setDrop] = useState<"1" | "2" | "3">("3");
  const form: LoadForm = {
    id: freeName(running.map(({ id }) => id)),
    kind: "anon",
    size: "256M",
    where: "any",
    policy: "prefer",
    pin: "short",
    churn: 0,
    ...typed,
  };
  const set = (part: Partial<LoadForm>): void => setTyped({ ...typed, ...part });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    run({ do: "load", form });
    // The next load has a name of its own.
    const { id: _id, ...rest } = typed;
    setTyped(rest);
  };
  const places = [
    ["any", "any node"],
    ["all", "all nodes by turns"],
    ...nodes.map((node) => [String(node), `node ${node}`] as const),
  ] as const;
  return (
    <>
      <form onSubmit={submit} aria-label="Start a load">
        <div className="fields">
          <TextField label="Name" value={form.id} change={(id) => set({ id })} />
          <ChoiceField
            label="Kind"
            value={form.kind}
            choices={loadKinds.map((kind) => [kind, kindWords[kind]] as const)}
            change={(kind) => set({ kind })}
          />
          <TextField label="Size" value={form.size} change={(size) => set({ size })} />
          <ChoiceField label="Where" value={form.where} choices={places} change={(where) => set({ where })} />
          {form.where !== "any" && form.where !== "all" && (
            <ChoiceField
              label="Policy"
              value={form.policy}
              choices={[
                ["prefer", "prefer – elsewhere when full"],
                ["bind", "bind – only there"],
              ]}
              change={(policy) => set({ policy })}
            />
          )}
          {form.kind === "pinned" && (
            <ChoiceField
              label="Pin"
              value={form.pin}
              choices={[
                ["short", "short"],
                ["long", "long – not in Movable (6.x)"],
              ]}
              change={(pin) => set({ pin })}
            />
          )}
          <NumberField label="Churn, %/s" value={form.churn} min={0} max={100} change={(churn) => set({ churn })} />
        </div>
        <button type="submit" aria-disabled={blocked}>
          Start load
        </button>
      </form>
      {running.length > 0 && (
        <ul className="loads" aria-label="Running loads">
          {running.slice(0, SHOWN).map(({ id, kind, sizeBytes, where }) => (
            <li key={id}>
              <span className="who">
                <b>{id}</b> {`${kind} ${sizeWords(sizeBytes)}`}
              </span>
              <span className="buttons">
                {kind === "pinned" && (
                  <button
                    type="button"
                    aria-disabled={blocked}
                    aria-label={`Unpin ${id}`}
                    onClick={() => run({ do: "unpin", id })}
                  >
                    Unpin
                  </button>
                )}
                <button
                  type="button"
                  aria-disabled={blocked}
                  aria-label={`End ${id}`}
                  onClick={() => run({ do: "unload", id })}
                >
                  End
                </button>
              </span>
              <span className="where">{where}</span>
            </li>
          ))}
        </ul>
      )}
      {running.length > SHOWN && <p className="quiet">{`and ${running.length - SHOWN} more`}</p>}
      <div className="row">
        <select
          aria-label="Caches to drop"
          value={drop}
          onChange={(event) => setDrop(event.target.value as typeof drop)}
        >
          {drops.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
        <button
          type="button"
          aria-disabled={blocked}
          onClick={() => run({ do: "drop_caches", what: Number(drop) as 1 | 2 | 3 })}
        >
          Drop caches
        </button>
      </div>
    </>
  );
}

/** `load0`, `load1`, …: the first name that no load has. */
function freeName(taken: readonly string[]): string {
  for (let i = 0; ; i++) if (!taken.includes(`load${i}`)) return `load${i}`;
}
