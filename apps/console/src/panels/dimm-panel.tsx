import { type ReactNode, type SubmitEvent, useState } from "react";
import type { Asked } from "../host/session-host.ts";
import type { DimmView, MachineView } from "../host/views.ts";
import { countWords, sizeWords } from "../words/size-words.ts";
import { ChoiceField, NumberField, TextField } from "./fields.tsx";
import { useVirtualList } from "./virtual-list.ts";

interface DimmPanelProps {
  readonly view: MachineView;
  readonly blocked: boolean;
  readonly run: (command: Asked) => void;
}

/** Height of a row; a machine may hold thousands of DIMMs, so only those that are seen are drawn. */
const ROW = 28;
/** More nodes than this are given by number instead of chosen from a list. */
const MOST_CHOICES = 64;

/** The DIMM slots: insert and eject. */
export function DimmPanel({ view, blocked, run }: DimmPanelProps): ReactNode {
  const { dimms, dimmNodes, slots } = view;
  const [node, setNode] = useState("0");
  const [size, setSize] = useState("1G");
  const [addr, setAddr] = useState("");
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    run({ do: "insert", node: Number(node), size, addr });
  };
  return (
    <section className="panel" aria-label="DIMMs">
      <h2>
        DIMMs <small>{`${countWords(dimms.length)} of ${countWords(slots)} slots`}</small>
      </h2>
      <form onSubmit={submit} aria-label="Insert a DIMM">
        <div className="fields">
          {dimmNodes.length > MOST_CHOICES ? (
            <NumberField
              label="Node"
              value={Number(node)}
              min={0}
              max={dimmNodes.length - 1}
              change={(value) => setNode(String(value))}
            />
          ) : (
            <ChoiceField
              label="Node"
              value={node}
              choices={dimmNodes.map((n) => [String(n), `node ${n}`] as const)}
              change={setNode}
            />
          )}
          <TextField label="Size" value={size} change={setSize} />
          <TextField label="Address" value={addr} change={setAddr} placeholder="next free" />
        </div>
        <button type="submit" aria-disabled={blocked}>
          Insert DIMM
        </button>
      </form>
      <DimmList dimms={dimms} blocked={blocked} run={run} />
    </section>
  );
}

/** All DIMMs, found by name, node or block; each can be ejected. */
function DimmList({
  dimms,
  blocked,
  run,
}: { readonly dimms: readonly DimmView[] } & Pick<DimmPanelProps, "blocked" | "run">): ReactNode {
  const [wanted, setWanted] = useState("");
  const words = wanted.trim().toLowerCase();
  const shown = words === "" ? dimms : dimms.filter((dimm) => dimmWords(dimm).toLowerCase().includes(words));
  const { scroller, first, end } = useVirtualList(shown.length, ROW, false);
  return (
    <>
      {dimms.length > 12 && (
        <input
          aria-label="Find a DIMM"
          placeholder="find: n512d0, node 512"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
      )}
      <div
        ref={scroller}
        className="dimm-rows"
        style={{ height: Math.min(shown.length, 10) * ROW }}
        tabIndex={shown.length > 10 ? 0 : -1}
        role="group"
        aria-label="DIMMs in the machine"
      >
        <ul className="dimms" style={{ height: shown.length * ROW, paddingTop: first * ROW }}>
          {shown.slice(first, end).map((dimm, i) => (
            <li key={dimm.id} aria-setsize={shown.length} aria-posinset={first + i + 1}>
              <b>{dimm.id}</b>
              <span
                title={dimmWords(dimm)}
              >{`node ${dimm.node} · ${sizeWords(dimm.sizeBytes)} · ${dimm.blocks || "no blocks"}`}</span>
              <button
                type="button"
                aria-disabled={blocked}
                aria-label={`Eject ${dimm.id}`}
                onClick={() => run({ do: "eject", id: dimm.id })}
              >
                Eject
              </button>
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}

function dimmWords({ id, node, sizeBytes, blocks }: DimmView): string {
  return `${id} · node ${node} · ${sizeWords(sizeBytes)} · ${blocks || "no blocks"}`;
}
