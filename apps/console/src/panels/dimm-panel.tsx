import { dimmsOf } from "@memhp/devices";
import { formatNumberList, formatSize } from "@memhp/abi";
import { type ReactNode, type SubmitEvent, useState } from "react";
import type { Command } from "../session/commands.ts";
import type { Session } from "../session/session.ts";
import { ChoiceField, TextField } from "./fields.tsx";

interface DimmPanelProps {
  readonly session: Session;
  readonly busy: boolean;
  readonly run: (command: Command) => void;
}

/** Lists longer than this are cut; a machine may hold a thousand DIMMs. */
const SHOWN = 64;

/** The DIMM slots: insert and eject. */
export function DimmPanel({ session, busy, run }: DimmPanelProps): ReactNode {
  const { machine } = session;
  const dimms = dimmsOf(machine).list();
  const [node, setNode] = useState("0");
  const [size, setSize] = useState("1G");
  const [addr, setAddr] = useState("");
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    run({ do: "insert", id: freeName(dimms.map(({ id }) => id)), node: Number(node), size, addr });
  };
  const nodes = [...Array(Math.max(1, machine.spec.nodes.length)).keys()].map((n) => [String(n), `node ${n}`] as const);
  return (
    <section className="panel" aria-label="DIMMs">
      <h2>
        DIMMs <small>{`${dimms.length} of ${machine.spec.slots} slots`}</small>
      </h2>
      <form onSubmit={submit} aria-label="Insert a DIMM">
        <div className="fields">
          <ChoiceField label="Node" value={node} choices={nodes} change={setNode} />
          <TextField label="Size" value={size} change={setSize} />
          <TextField label="Address" value={addr} change={setAddr} placeholder="next free" />
        </div>
        <button type="submit" aria-disabled={busy}>
          Insert DIMM
        </button>
      </form>
      <ul className="dimms">
        {dimms.slice(0, SHOWN).map((dimm) => (
          <li key={dimm.id}>
            <b>{dimm.id}</b>
            <span>{`node ${dimm.node} · ${formatSize(dimm.sizeBytes)} · ${formatNumberList(machine.blocksOf({ start: dimm.addr, size: dimm.sizeBytes })) || "no blocks"}`}</span>
            <button
              type="button"
              aria-disabled={busy}
              aria-label={`Eject ${dimm.id}`}
              onClick={() => run({ do: "eject", id: dimm.id })}
            >
              Eject
            </button>
          </li>
        ))}
      </ul>
      {dimms.length > SHOWN && <p className="quiet">{`and ${dimms.length - SHOWN} more`}</p>}
    </section>
  );
}

/** `d0`, `d1`, …: the first name that no DIMM has. */
function freeName(taken: readonly string[]): string {
  for (let i = 0; ; i++) if (!taken.includes(`d${i}`)) return `d${i}`;
}
